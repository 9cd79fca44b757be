import { type Context, Module, ShapeError } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs';
import { checkHeads } from './check-heads';
import { checkRate } from './check-rate';
import { checkShape } from './check-shape';
import { checkSize } from './check-size';
import { EXCLUDED_LOGIT } from './excluded-logit';
import { scaledDotProductAttention } from './functional/scaled-dot-product-attention';
import { keepMask } from './keep-mask';
import { Linear } from './linear';

/** Config of {@link MultiHeadAttention}. */
export interface MultiHeadAttentionConfig {
  /** Width D of the queries and of the result. */
  readonly hiddenSize: number;
  /** H, a divisor of hiddenSize. */
  readonly numAttentionHeads: number;
  /** Width Dkv of what is attended to; hiddenSize by default. */
  readonly keyValueSize?: number;
  /** Rate of dropout on the attention weights; 0 by default. */
  readonly attentionDropout?: number;
  /** Whether the four projections have a bias (default). */
  readonly bias?: boolean;
}

/**
 * Scaled dot-product attention in several heads (Vaswani et al. 2017, section 3.2), self or cross.
 *
 * Keys outside the mask get a weight of exactly 0, and no gradient flows to them. What stands there must be finite: 0
 * times NaN is NaN, so clean the features with {@link zeroPadding} before they are embedded.
 *
 * A query with nothing to attend to attends to the value 0: its result is the output projection of 0, which is
 * that projection's bias.
 */
export class MultiHeadAttention extends Module {
  readonly query: Linear;
  readonly key: Linear;
  readonly value: Linear;
  readonly output: Linear;
  readonly hiddenSize: number;
  readonly numAttentionHeads: number;
  readonly keyValueSize: number;
  readonly attentionDropout: number;

  constructor(config: MultiHeadAttentionConfig) {
    super();
    const { hiddenSize, numAttentionHeads, keyValueSize = hiddenSize, attentionDropout = 0, bias = true } = config;
    checkHeads(hiddenSize, numAttentionHeads);
    this.hiddenSize = hiddenSize;
    this.numAttentionHeads = numAttentionHeads;
    this.keyValueSize = checkSize('keyValueSize', keyValueSize);
    this.attentionDropout = checkRate('attentionDropout', attentionDropout);
    this.query = new Linear(hiddenSize, hiddenSize, { bias });
    this.key = new Linear(keyValueSize, hiddenSize, { bias });
    this.value = new Linear(keyValueSize, hiddenSize, { bias });
    this.output = new Linear(hiddenSize, hiddenSize, { bias });
  }

  /**
   * @param query    (B, Nq, D)
   * @param keyValue (B, Nk, Dkv)
   * @param mask     (B, Nk), 1 = takes part
   * @param attentionBias added to the logits, broadcastable to (B, H, Nq, Nk) and finite; {@link EXCLUDED_LOGIT} excludes
   * @returns (B, Nq, D)
   * @throws ShapeError
   */
  forward(
    query: tf.Tensor3D,
    keyValue: tf.Tensor3D,
    mask: tf.Tensor2D,
    context: Context,
    attentionBias?: tf.Tensor,
  ): tf.Tensor3D {
    checkShape('MultiHeadAttention query', query, ['B', 'Nq', this.hiddenSize]);
    const [batch, queries] = query.shape;
    checkShape('MultiHeadAttention keyValue', keyValue, [batch, 'Nk', this.keyValueSize]);
    const keys = keyValue.shape[1];
    checkShape(
      'MultiHeadAttention mask',
      mask,
      [batch, keys],
      'The mask belongs to keyValue: one number for each key.',
    );
    if (attentionBias) checkBias(attentionBias, [batch, this.numAttentionHeads, queries, keys]);

    const attendable = tf.mul<tf.Tensor3D>(keyValue, tf.reshape(mask, [batch, keys, 1])); // or a huge key would outweigh its bias
    const attended = scaledDotProductAttention(
      this.query.forward(query),
      this.key.forward(attendable),
      this.value.forward(attendable),
      combineBias(mask, attentionBias),
      this.numAttentionHeads,
      keepMask<tf.Rank.R4>([batch, this.numAttentionHeads, queries, keys], this.attentionDropout, context),
    );
    return this.output.forward(attended);
  }
}

/** 0 for keys in the mask and {@link EXCLUDED_LOGIT} for others, plus the given bias: broadcastable to (B, H, Nq, Nk). */
function combineBias(mask: tf.Tensor2D, attentionBias: tf.Tensor | undefined): tf.Tensor {
  const [batch, keys] = mask.shape;
  const maskBias = tf.reshape(tf.mul(tf.sub(1, mask), EXCLUDED_LOGIT), [batch, 1, 1, keys]);
  return attentionBias ? tf.add(maskBias, attentionBias) : maskBias;
}

function checkBias(bias: tf.Tensor, logits: readonly number[]): void {
  const offset = logits.length - bias.rank;
  if (offset >= 0 && bias.shape.every((length, axis) => length === 1 || length === logits[offset + axis])) return;
  throw new ShapeError({
    where: 'MultiHeadAttention attentionBias',
    expected: `a shape that broadcasts to [B, H, Nq, Nk] = [${logits.join(', ')}]`,
    received: `[${bias.shape.join(', ')}]`,
  });
}
