import type { RandomKey } from '@polymodal/core';
import { misspell } from '@polymodal/example-material';
import type { Rows } from '../rows/rows-processor';

/**
 * Noise of strength σ on a raw value. σ = 0 changes nothing, to the bit; at σ = 1 hardly anything is left.
 */
export type AddNoise<Raw> = (raw: Raw, sigma: number, key: RandomKey) => Raw;

/** Bytes of a picture. */
interface Picture {
  readonly data: Uint8Array;
}

/** A recording, mono, in [−1, 1]. */
interface Recording {
  readonly samples: Float32Array;
}

/** Gaussian noise with a standard deviation of σ, where 1 is the whole range of grey, clipped. */
export const noisyPicture = <Raw extends Picture>(picture: Raw, sigma: number, key: RandomKey): Raw => {
  const noise = key.normal(picture.data.length);
  const data = picture.data.map((value, i) => Math.max(0, Math.min(255, Math.round(value + 255 * sigma * noise[i]))));
  return { ...picture, data };
};

/** White noise in place of a share of the recording, as loud all the time: √(1 − σ²) of one and σ of the other. */
export const noisyRecording = <Raw extends Recording>(recording: Raw, sigma: number, key: RandomKey): Raw => {
  const { samples } = recording;
  const power = samples.reduce((sum, value) => sum + value * value, 0) / samples.length;
  const [kept, added] = [Math.sqrt(1 - sigma * sigma), sigma * Math.sqrt(power)];
  const noise = key.normal(samples.length);
  return { ...recording, samples: samples.map((value, i) => kept * value + added * noise[i]) };
};

/** Each character unreadable with probability σ. */
export const noisyText: AddNoise<string> = (text, sigma, key) => {
  const errors = { neighbour: 0, drop: 0, double: 0, transpose: 0, unreadable: 1 };
  return misspell(text, new Map(), { errorRate: [sigma, sigma], errors }, key);
};

/** Gaussian noise with a standard deviation of σ on every number, whose range is about 1. */
export const noisyRows: AddNoise<Rows> = (rows, sigma, key) => {
  const noise = key.normal(rows.length * rows[0].length);
  return rows.map((row, n) => row.map((value, c) => value + sigma * noise[n * row.length + c]));
};
