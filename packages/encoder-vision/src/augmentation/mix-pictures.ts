import { type Features, type MixedFeatures, ShapeError } from '@polymodal/core';

/** Pictures of a batch, (P, H, W, C). */
interface PictureBatch {
  readonly values: Float32Array;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/** What is made of each picture and its partner. */
interface MixedPictures {
  /** (P, H, W, C) */
  readonly values: Float32Array;
  /** Of the picture itself. */
  readonly share: number;
}

/**
 * Has the pictures of a batch mixed.
 *
 * @param mix is given the pictures, and where the value at some place stands in a picture's partner
 * @throws ShapeError for features without pictures in floats
 */
export function mixPictures(
  features: Features,
  partners: Int32Array,
  mix: (pictures: PictureBatch, partnerOf: (at: number) => number) => MixedPictures,
): MixedFeatures {
  const { pixelValues } = features;
  if (!(pixelValues?.data instanceof Float32Array) || pixelValues.shape.length !== 4) {
    throw new ShapeError({
      expected: 'pixelValues (P, H, W, C) in floats, as image processors make them',
      received: Object.entries(features)
        .map(([name, { shape }]) => `${name} [${shape}]`)
        .join(', '),
    });
  }
  const [, height, width, channels] = pixelValues.shape;
  const size = height * width * channels;
  const partnerOf = (at: number) => partners[Math.floor(at / size)] * size + (at % size);
  const { values, share } = mix({ values: pixelValues.data, height, width, channels }, partnerOf);
  return { features: { ...features, pixelValues: { ...pixelValues, data: values } }, share };
}
