import type { Split } from '@polymodal/example-material';

/** What the three modalities of a sample are made from. No two splits share a picture, a voice or a typing seed. */
export interface DigitSource {
  /** Picture of MNIST, as `{file}-{position in the file}`, e.g. `train-4711`. */
  readonly picture: string;
  /** Who speaks, e.g. `gmw/en-US+linda pitch 61 rate 148` or the speaker's name of a recording. */
  readonly voice: string;
  /** Language of the number word, as a BCP 47 tag. */
  readonly language: string;
  /** Decides which typing errors the word has. */
  readonly typingSeed: number;
}

/** One digit seen, heard and read. */
export interface DigitSample {
  /** Grey values, row by row: 28 · 28 · 1 bytes, ink is bright. */
  readonly image: {
    readonly data: Uint8Array;
    readonly width: number;
    readonly height: number;
    readonly channels: number;
  };
  /** Mono, in [−1, 1]. */
  readonly audio: { readonly samples: Float32Array; readonly sampleRate: number };
  readonly text: string;
  readonly targets: { readonly digit: number };
  readonly source: DigitSource;
}

/** Samples by position. */
export interface SampleList<T = DigitSample> {
  readonly length: number;
  get(index: number): T;
}

/** The data of the example. */
export type DigitsData = Readonly<Record<Split, SampleList>> & {
  /** What they were made from, as a hash. */
  readonly recipe: string;
};
