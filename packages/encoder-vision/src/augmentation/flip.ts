import { defineAugmentation } from '@polymodal/core';
import { z } from 'zod';
import { moved } from '../placement';
import type { BytePixels } from './byte-pixels';

const flipOptions = z.object({
  /** Left and right change places, or top and bottom. */
  direction: z.enum(['horizontal', 'vertical']).default('horizontal'),
});

/** The mirror image. Digits, letters and whatever else has a side are another thing then: leave it out there. */
export const flip = defineAugmentation({
  name: 'flip',
  modality: 'image',
  config: flipOptions,
  probability: 0.5,
  create: ({ direction }) => ({
    changeValue: (picture: BytePixels) => (direction === 'horizontal' ? flipAcross(picture) : flipDown(picture)),
  }),
});

function flipAcross(picture: BytePixels): BytePixels {
  const { data, width, height, channels } = picture;
  const flipped = new Uint8Array(data.length);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const from = (row * width + column) * channels;
      const to = (row * width + width - 1 - column) * channels;
      for (let channel = 0; channel < channels; channel++) flipped[to + channel] = data[from + channel];
    }
  }
  const placement = moved(picture, { scaleX: -1, offsetX: width, scaleY: 1, offsetY: 0 });
  return { ...picture, data: flipped, placement };
}

function flipDown(picture: BytePixels): BytePixels {
  const { data, width, height, channels } = picture;
  const stride = width * channels;
  const flipped = new Uint8Array(data.length);
  for (let row = 0; row < height; row++) {
    flipped.set(data.subarray(row * stride, (row + 1) * stride), (height - 1 - row) * stride);
  }
  const placement = moved(picture, { scaleX: 1, offsetX: 0, scaleY: -1, offsetY: height });
  return { ...picture, data: flipped, placement };
}
