/** Sound as augmentations have it: mono, at the rate that features are made at. They make a new one, and leave it as it is. */
export interface Sound {
  /** Full scale −1 … 1. */
  readonly samples: Float32Array;
  /** Hz */
  readonly sampleRate: number;
}

/** The mean of the squares. */
export function powerOf(samples: Float32Array): number {
  let sum = 0;
  for (const value of samples) sum += value * value;
  return sum / samples.length;
}
