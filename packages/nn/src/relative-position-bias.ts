import { Module, Parameter } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { checkSize } from './check-size';
import { truncatedNormal } from './initializers';

/** Config of {@link RelativePositionBias}. */
export interface RelativePositionBiasConfig {
  readonly numAttentionHeads: number;
  /** How many distances are told apart; those that are far share some. */
  readonly numBuckets: number;
  /** From which distance on all are one. */
  readonly maxDistance: number;
  /** Whether keys may stand behind their query; if so, half of the buckets are for those. */
  readonly bidirectional: boolean;
}

/**
 * What attention's logits get for how far a key stands from its query, learned for each head (Raffel et al. 2020, section 2.1; HF
 * `T5Attention.compute_bias`).
 *
 * ```ts
 * const bias = new RelativePositionBias({ numAttentionHeads: 8, numBuckets: 32, maxDistance: 128, bidirectional: true });
 * initialize(bias, RandomKey.from(0));
 * const places = tf.range(0, 10, 1, 'int32').reshape<tf.Tensor2D>([1, 10]);
 * bias.forward(places, places); // (1, 8, 10, 10)
 * ```
 */
export class RelativePositionBias extends Module {
  /** [numBuckets, H] */
  readonly weight: Parameter<tf.Rank.R2>;
  /** The bucket of each distance from −maxDistance to maxDistance. */
  readonly #buckets: Int32Array;
  readonly #maxDistance: number;

  constructor({ numAttentionHeads, numBuckets, maxDistance, bidirectional }: RelativePositionBiasConfig) {
    super();
    checkSize('RelativePositionBias numBuckets', numBuckets);
    checkSize('RelativePositionBias maxDistance', maxDistance);
    this.weight = new Parameter([numBuckets, numAttentionHeads], truncatedNormal());
    this.#maxDistance = maxDistance;
    this.#buckets = Int32Array.from({ length: 2 * maxDistance + 1 }, (_, index) =>
      relativePositionBucket(index - maxDistance, { numBuckets, maxDistance, bidirectional }),
    );
  }

  /**
   * @param queries int32 (B, Nq): where they stand
   * @param keys    int32 (B, Nk)
   * @returns       (B, H, Nq, Nk)
   */
  forward(queries: tf.Tensor2D, keys: tf.Tensor2D): tf.Tensor4D {
    const [rows, queryCount, keyCount] = [queries.shape[0], queries.shape[1], keys.shape[1]];
    const distances = tf.sub(tf.expandDims(keys, 1), tf.expandDims(queries, 2)); // (B, Nq, Nk)
    const most = tf.scalar(this.#maxDistance, 'int32');
    const places = tf.add(tf.maximum(tf.minimum(distances, most), tf.neg(most)), most);
    const byDistance = tf.gather(this.weight.value, tf.tensor1d(this.#buckets, 'int32')); // (2 · maxDistance + 1, H)
    const biases = tf.gather(byDistance, tf.reshape(tf.cast(places, 'int32'), [-1]));
    return tf.transpose(
      tf.reshape<tf.Rank.R4>(biases, [rows, queryCount, keyCount, this.weight.shape[1]]),
      [0, 3, 1, 2],
    );
  }
}

/**
 * Which distances share a bias: the near ones none, those farther away with ever more.
 *
 * @param distance from query to key
 */
function relativePositionBucket(
  distance: number,
  { numBuckets, maxDistance, bidirectional }: Omit<RelativePositionBiasConfig, 'numAttentionHeads'>,
): number {
  const count = bidirectional ? Math.floor(numBuckets / 2) : numBuckets;
  const first = bidirectional && distance > 0 ? count : 0;
  const far = bidirectional ? Math.abs(distance) : Math.max(-distance, 0);
  const exact = Math.floor(count / 2);
  if (far < exact) return first + far;
  const { fround, log } = Math; // as PyTorch, in single precision: a logarithm may lie on the border of two buckets
  const share = fround(fround(log(fround(far / exact))) / fround(log(maxDistance / exact)));
  return first + Math.min(exact + Math.trunc(fround(share * (count - exact))), count - 1);
}
