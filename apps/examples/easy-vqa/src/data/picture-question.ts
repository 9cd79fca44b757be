import type { PixelImage } from '@polymodal/encoder-vision';

/** A question about a picture, with the one right answer. */
export interface PictureQuestion {
  /** The same object for all questions about a picture. */
  readonly image: PixelImage;
  readonly question: string;
  readonly answer: string;
}
