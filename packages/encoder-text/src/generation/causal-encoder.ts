import type { Embedding, KeyValueCache } from '@polymodal/nn';
import type * as tf from '@tensorflow/tfjs-core';
import { SentenceEncoder } from '../sentence/sentence-encoder';

/** N new tokens of each row, and where they stand. */
export interface DecodingStep {
  /** int32 (B, N) */
  readonly inputIds: tf.Tensor2D;
  /** int32 (B, N) */
  readonly positionIds: tf.Tensor2D;
  /** Where their keys and values go: int32 (B · Hkv · N, 3). */
  readonly places: tf.Tensor2D;
  /** Which slots they see in layers with a window of so many tokens, (B, 1, N, C). */
  readonly biasOf: (window: number) => tf.Tensor4D;
  /** A length of the texts by which positions are scaled as by the one that they have. */
  readonly length: number;
}

/** What comes out of a {@link DecodingStep}. */
export interface DecodedStep {
  /** (B, N, D), after the last norm. */
  readonly tokens: tf.Tensor3D;
  /** Of each layer, with the new tokens. */
  readonly caches: readonly KeyValueCache[];
}

/** An encoder whose tokens see only themselves and those before them, and which takes new ones without the old. */
export abstract class CausalEncoder extends SentenceEncoder {
  abstract readonly tokenEmbeddings: Embedding;
  /** Most tokens of a text. */
  abstract readonly maxPositionEmbeddings: number;
  /** Heads of keys and values, and their width. */
  abstract readonly cacheHeads: { readonly numKeyValueHeads: number; readonly headDim: number };

  /** What {@link encode} gives for new tokens, from the keys and values of those before them. For inference. */
  abstract decode(step: DecodingStep, caches: readonly KeyValueCache[]): DecodedStep;

  /** How many tokens back a token of a layer sees, itself among them. */
  windowOf(_layer: number): number {
    return Number.POSITIVE_INFINITY;
  }

  /** A length of texts by which positions are scaled as by the given one, the same for as many as possible. */
  lengthWithSamePositions(_length: number): number {
    return this.maxPositionEmbeddings;
  }
}
