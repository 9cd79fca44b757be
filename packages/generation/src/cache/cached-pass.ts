import type { KeyValueCache } from '@polymodal/nn';
import type * as tf from '@tensorflow/tfjs-core';
import type { CacheSizes } from './decodable';

/** The tensors of one pass: those of `Past` as they are fed, the others as `DecodingInputs` has them. */
export interface PassInputs {
  readonly features: tf.NamedTensorMap;
  readonly memory: tf.NamedTensorMap;
  /** int32 (B, N) */
  readonly positions: tf.Tensor2D;
  /** int32 (B, Hkv, N, 3) */
  readonly places: tf.Tensor4D;
  /** By their windows. */
  readonly biases: ReadonlyMap<number, tf.Tensor4D>;
  /** Of each attention; they are disposed. */
  readonly caches: readonly KeyValueCache[];
  readonly length: number;
}

/** What comes of a pass. */
export interface PassResults {
  /** By the names that the model gives them, (B, …). */
  readonly outputs: tf.NamedTensorMap;
  /** With the new tokens. */
  readonly caches: readonly KeyValueCache[];
}

/** Runs new tokens behind those whose keys and values are cached. */
export interface CachedPass {
  readonly cacheSizes: CacheSizes;
  run(inputs: PassInputs): PassResults;
  /** Releases what was compiled. A later run compiles anew. */
  dispose(): void;
}
