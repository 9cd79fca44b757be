import type { Features, HostTensor1D } from './features';

/**
 * A feature of a picture that says how its pixels lie in what its encoder is given, of a processor that was told to (`locatePixels` of
 * {@link Processor}). No encoder reads it, and it is not collated: the target of a head that points into pictures is given it, and the head
 * with what it answers from.
 */
export type PicturePlaceFeature = {
  /** The numbers of a {@link PicturePlace}, in their order. */
  readonly picturePlace: HostTensor1D;
};

/**
 * Where a point of a picture lies in what its encoder is given: at `scale · point + offset`, in pixels from the left and top edges. A
 * mirror image has a scale below 0.
 */
export interface PicturePlace {
  /** Sides of the picture as it was given, upright. */
  readonly width: number;
  readonly height: number;
  /** Sides of what the encoder is given. */
  readonly seenWidth: number;
  readonly seenHeight: number;
  readonly scaleX: number;
  readonly offsetX: number;
  readonly scaleY: number;
  readonly offsetY: number;
}

const numbers = [
  'width',
  'height',
  'seenWidth',
  'seenHeight',
  'scaleX',
  'offsetX',
  'scaleY',
  'offsetY',
] as const satisfies readonly (keyof PicturePlace)[];

/** As a processor puts it among features. */
export function picturePlaceFeature(place: PicturePlace): PicturePlaceFeature {
  return { picturePlace: { data: Float32Array.from(numbers, (name) => place[name]), shape: [numbers.length] } };
}

/** Where the pixels of a picture lie; undefined where its features do not say it, as those of several pictures. */
export function picturePlace(features: Features): PicturePlace | undefined {
  const own = features.picturePlace;
  if (!own || own.data.length !== numbers.length) return undefined;
  return Object.fromEntries(numbers.map((name, at) => [name, own.data[at]])) as unknown as PicturePlace;
}
