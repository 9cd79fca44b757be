import type { ImageOptions } from './image-options';
import type { Box } from './resample-image';
import type { Sides } from './sides';

/** How a picture comes to its sides. */
export interface ImageFit {
  /** What is taken of it. */
  readonly box: Box;
  /** What that is resampled to. */
  readonly size: Sides;
  /** What that is laid on, middle on middle: what sticks out is cut off, what is left is background. */
  readonly canvas: Sides;
}

/** How pictures come to the wanted sides. */
export function fitImage([height, width]: Sides, wanted: Sides, resize: ImageOptions['resize']): ImageFit {
  const box = { left: 0, top: 0, width, height };
  const scales = [wanted[0] / height, wanted[1] / width] as const;
  if (resize === 'squash') return { box, size: wanted, canvas: wanted };
  if (resize === 'cover') {
    return { box: middleOf([height, width], wanted, Math.max(...scales)), size: wanted, canvas: wanted };
  }
  const scale = Math.min(...scales);
  const side = (length: number, limit: number) => Math.min(Math.max(Math.round(length * scale), 1), limit);
  return { box, size: [side(height, wanted[0]), side(width, wanted[1])], canvas: wanted };
}

/** Of the wanted shape; its edges are in float32, as Pillow holds them. */
function middleOf([height, width]: Sides, wanted: Sides, scale: number): Box {
  const edges = (length: number, part: number) => [(length - part) / 2, (length + part) / 2].map(Math.fround);
  const [top, bottom] = edges(height, wanted[0] / scale);
  const [left, right] = edges(width, wanted[1] / scale);
  return { left, top, width: Math.fround(right - left), height: Math.fround(bottom - top) };
}
