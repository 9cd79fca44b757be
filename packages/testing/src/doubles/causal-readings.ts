import {
  type Context,
  type EncodedTokens,
  Encoder,
  type ModalityBatch,
  type Sequence,
  type Tokens,
} from '@polymodal/core';
import type { CacheSizes, CausalEncoder } from '@polymodal/generation';
import {
  type AttentionState,
  causalState,
  Embedding,
  EVERYTHING,
  LayerNorm,
  Linear,
  maskedMean,
  type Past,
  positionsFromMask,
  runAttentionLayer,
  TransformerLayer,
  zeroPadding,
} from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { type ReferenceRow, stepSize } from './reference-processor';

/**
 * A causal encoder of signals, `values` (P, N, 3), with learned positions, for cases of fusions and heads that need one. What goes on
 * behind the signals has ids.
 */
export class CausalReadings extends Encoder<AttentionState> implements CausalEncoder {
  readonly depth = 2;
  readonly projection: Linear;
  readonly tokenEmbeddings: Embedding;
  readonly positionEmbeddings: Embedding;
  readonly layers: readonly TransformerLayer[];
  readonly norm: LayerNorm;

  constructor(
    readonly hiddenSize: number,
    vocabSize = 11,
    readonly maxPositionEmbeddings = 256,
  ) {
    super();
    this.projection = new Linear(stepSize, hiddenSize);
    this.tokenEmbeddings = new Embedding(vocabSize, hiddenSize);
    this.positionEmbeddings = new Embedding(this.maxPositionEmbeddings, hiddenSize);
    const config = { hiddenSize, numAttentionHeads: 2, intermediateSize: 24 };
    this.layers = Array.from({ length: this.depth }, () => new TransformerLayer(config));
    this.norm = new LayerNorm(hiddenSize);
  }

  get cacheSizes(): CacheSizes {
    const { numKeyValueHeads, headDim } = this.layers[0].attention;
    const windows = this.layers.map(() => EVERYTHING);
    return { numKeyValueHeads, headDim, windows, lengthWithSamePositions: () => this.maxPositionEmbeddings };
  }

  override tokenCount({ values }: ReferenceRow): number {
    return values.shape[0];
  }

  embed(batch: ModalityBatch, context: Context, past?: Past): Tokens<AttentionState> {
    return this.adopt(this.words(batch), context, past);
  }

  words({ features, rows }: ModalityBatch): Sequence {
    const mask = features.mask as tf.Tensor2D;
    const tokens = features.inputIds
      ? this.tokenEmbeddings.forward<tf.Tensor3D>(zeroPadding(features.inputIds as tf.Tensor2D, mask))
      : (this.projection.forward(zeroPadding(features.values as tf.Tensor3D, mask)) as tf.Tensor3D);
    return { tokens, mask, rows };
  }

  override adopt({ tokens, mask, rows }: Sequence, _context: Context, past?: Past): Tokens<AttentionState> {
    const positions = this.positionEmbeddings.forward<tf.Tensor3D>(past?.positions ?? positionsFromMask(mask));
    const state = causalState(mask.shape[1], [EVERYTHING], past);
    return { tokens: tf.add(tokens, positions), mask, rows, state };
  }

  layer(index: number, tokens: Tokens<AttentionState>, context: Context): Tokens<AttentionState> {
    return runAttentionLayer(this.layers[index], index, tokens, context);
  }

  finish({ tokens, mask, rows }: Tokens<AttentionState>): EncodedTokens {
    const finished = this.norm.forward(tokens);
    return { tokens: finished, mask, rows, pooled: maskedMean(finished, mask) };
  }
}
