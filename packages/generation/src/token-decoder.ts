import type * as tf from '@tensorflow/tfjs-core';
import type { Decoding } from './decoding';

/** Tokens that are continued: their ids; or with `embeddings`, what stands in place of the ids' own. */
export interface EmbeddedPrompt {
  /** Those that are known: what `repetitionPenalty` and its like heed. */
  readonly ids: Int32Array;
  /** What the layers are given, positions left out: (N, D). It is not disposed. */
  readonly embeddings: tf.Tensor2D;
}

/** Tokens that ran through the layers already, for a decoder that has their keys and values. */
export interface RunPrompt {
  /** Those that are known, as of an {@link EmbeddedPrompt}. */
  readonly ids: Int32Array;
  /** How many tokens there are. */
  readonly length: number;
}

/** The ids of some tokens, at least one, or a prompt that was embedded, or has run already. */
export type TokenPrompt = Int32Array | EmbeddedPrompt | RunPrompt;

/** What continues sequences of tokens, be they of texts or of pictures. */
export interface TokenDecoder {
  /** V, which ids lie below. */
  readonly vocabSize: number;
  /** Most tokens of a sequence. */
  readonly maxLength: number;
  /** Most bytes that are kept of sequences while they are continued, where that is known. @param length tokens of the longest */
  cacheBytes?(rows: number, length: number): number;
  /**
   * Begins with prompts, all at once.
   *
   * @param room tokens that are likely to follow, for which room is made at once
   * @returns what gives the logits of the next token of each sequence: B rows of V, one after the other
   */
  start(prompts: readonly TokenPrompt[], room: number): Decoding<number, Float32Array>;
}

/** How many tokens a prompt has. */
export function promptLength(prompt: TokenPrompt): number {
  return 'embeddings' in prompt ? prompt.embeddings.shape[0] : prompt.length;
}
