import type { Features } from '@polymodal/core';
import sharp from 'sharp';
import type { DigitSample } from '../data';

/** A picture of a digit as PNG. */
export function digitPng({ image }: DigitSample): Promise<Buffer> {
  return sharp(image.data, { raw: { width: image.width, height: image.height, channels: 1 } })
    .png()
    .toBuffer();
}

/** The log-mel frames of an utterance as PNG: time from left to right, low tones at the bottom, loud is bright. */
export function spectrogramPng({ logMel }: Features): Promise<Buffer> {
  const [frames, bins] = logMel.shape;
  const [quietest, loudest] = range(logMel.data);
  const pixels = new Uint8Array(frames * bins);
  for (let frame = 0; frame < frames; frame++) {
    for (let bin = 0; bin < bins; bin++) {
      const level = (logMel.data[frame * bins + bin] - quietest) / Math.max(loudest - quietest, 1e-6);
      pixels[(bins - 1 - bin) * frames + frame] = 255 * level;
    }
  }
  return sharp(pixels, { raw: { width: frames, height: bins, channels: 1 } })
    .png()
    .toBuffer();
}

function range(values: ArrayLike<number>): [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < values.length; i++) {
    low = Math.min(low, values[i]);
    high = Math.max(high, values[i]);
  }
  return [low, high];
}
