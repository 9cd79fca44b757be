/** A modality of the stream: a sequence of tokens, how wide they are, and how long sequences are. */
export interface StreamedModality {
  /** Numbers of a token; of words, which are ids, how many there are. */
  readonly width: number;
  /** What its length is called. */
  readonly tokens: string;
  /** Of the log-normal lengths. */
  readonly median: number;
  readonly deviation: number;
  readonly longest: number;
}

/** Words of a text, patches of a picture, frames of sound. */
export const modalities = {
  text: { width: 8192, tokens: 'words', median: 32, deviation: 0.7, longest: 128 },
  image: { width: 192, tokens: 'patches', median: 64, deviation: 0.5, longest: 196 },
  audio: { width: 80, tokens: 'frames', median: 64, deviation: 0.6, longest: 256 },
} as const satisfies Record<string, StreamedModality>;

export type Slot = keyof typeof modalities;
export const slots = Object.keys(modalities) as Slot[];

/** Each modality of a sample is there with this probability; one at least is. */
export const presence = 0.6;

/** Sizes of the three towers and of what joins them. */
export const sizes = { hiddenSize: 384, numHiddenLayers: 6, numAttentionHeads: 6, classes: 10 } as const;

/** How it is learned. */
export const learning = {
  /** Samples at a time, where batches are of samples. */
  batchSize: 16,
  /** Tokens at a time, where they are of tokens: about as many as so many samples have. */
  tokens: 2048,
  learningRate: 1e-4,
} as const;

/** How PyTorch makes batches. */
export const batchings = ['random-padded', 'length-sorted'] as const;
export type Batching = (typeof batchings)[number];
