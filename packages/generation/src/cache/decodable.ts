import type { Past } from '@polymodal/nn';
import type * as tf from '@tensorflow/tfjs-core';

/** Which keys and values a model keeps of the tokens that it has seen. */
export interface CacheSizes {
  /** Heads of keys and values. */
  readonly numKeyValueHeads: number;
  /** Their width. */
  readonly headDim: number;
  /** Of each attention that has a cache, in the order of `Past.caches`: how many tokens back a token sees, itself among them. */
  readonly windows: readonly number[];
  /** A length of sequences by which positions are scaled as by the given one, the same for as many as possible. */
  readonly lengthWithSamePositions: (length: number) => number;
}

/** What goes into a pass over N new tokens of each row. */
export interface DecodingInputs {
  /** Each (B, N, …); `mask` (B, N) among them, 0 at what fills up a prompt at its beginning. */
  readonly features: tf.NamedTensorMap;
  /** What stays the same for all passes, each (B, …): the pictures that a text is about, say. */
  readonly memory: tf.NamedTensorMap;
}

/** What comes out of it. */
export interface Decoded {
  /** What is read of each row, (B, …): the logits of what follows, say. */
  readonly outputs: tf.NamedTensorMap;
  /** With the keys and values of the new tokens. */
  readonly past: Past;
}

/** A model that runs new tokens by themselves, after those whose keys and values it is given. */
export interface Decodable {
  readonly cacheSizes: CacheSizes;
  /** Axes of the memory that may vary from one to the next, by name and axis: those of one name are equal, `{ keys: { 2: 'attended' } }`. */
  readonly memoryAxes?: Readonly<Record<string, Readonly<Record<number, string>>>>;
  /** One pass, a pure function of tensors; for inference. Whatever is embedded, runs between layers or follows them is up to it. */
  decode(inputs: DecodingInputs, past: Past): Decoded;
}
