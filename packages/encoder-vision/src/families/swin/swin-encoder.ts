import {
  type Context,
  type EncodedTokens,
  Encoder,
  type ModalityBatch,
  ShapeError,
  type Tokens,
} from '@polymodal/core';
import { LayerNorm } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs';
import { allTokens } from '../all-tokens';
import type { Grid } from '../interpolate-positions';
import { SwinEmbeddings, type SwinEmbeddingsConfig } from './swin-embeddings';
import type { SwinLayerConfig } from './swin-layer';
import { SwinStage } from './swin-stage';

/** What a {@link SwinEncoder} is made from: the names of HF `SwinConfig`. */
export interface SwinEncoderConfig
  extends SwinEmbeddingsConfig,
    Omit<SwinLayerConfig, 'hiddenSize' | 'numAttentionHeads' | 'shifted'> {
  /** How many layers each stage has. */
  readonly depths: readonly number[];
  /** How many heads the attention of each stage has. */
  readonly numHeads: readonly number[];
}

/** {@link Tokens} that are patches of a grid. */
export interface GridTokens extends Tokens {
  readonly grid?: Grid;
}

/**
 * Swin Transformer (Liu et al. 2021; HF `SwinModel`): attention within windows, in stages of half the resolution and twice the
 * width. {@link layer} is a stage; `hiddenSize` is the width of the last. A picture's vector is the mean of its tokens.
 *
 * Features: `pixelValues` (P, H, W, C), of any size whose grid in every stage is not less than a window.
 */
export class SwinEncoder extends Encoder {
  readonly embeddings: SwinEmbeddings;
  readonly stages: readonly SwinStage[];
  readonly norm: LayerNorm;
  readonly hiddenSize: number;
  readonly windowSize: number;

  constructor(config: SwinEncoderConfig) {
    super();
    const { embedDim, depths, numHeads } = config;
    const count = depths.reduce((sum, depth) => sum + depth, 0);
    const rates = Array.from({ length: count }, (_, index) => (config.dropPathRate * index) / Math.max(count - 1, 1));
    this.embeddings = new SwinEmbeddings(config);
    this.stages = depths.map(
      (depth, stage) =>
        new SwinStage({
          ...config,
          hiddenSize: embedDim * 2 ** stage,
          numAttentionHeads: numHeads[stage],
          dropPathRates: rates.splice(0, depth),
          merges: stage < depths.length - 1,
        }),
    );
    this.hiddenSize = embedDim * 2 ** (depths.length - 1);
    this.windowSize = config.windowSize;
    this.norm = new LayerNorm(this.hiddenSize, config.layerNormEps);
  }

  get depth(): number {
    return this.stages.length;
  }

  embed({ features, rows }: ModalityBatch, context: Context): GridTokens {
    const { tokens, grid } = this.embeddings.forward(features.pixelValues as tf.Tensor4D, context);
    return { ...allTokens(tokens, rows), grid };
  }

  /** @throws ShapeError for tokens without a grid that are no square, or a grid that is smaller than a window */
  layer(index: number, tokens: GridTokens, context: Context): GridTokens {
    const before = tokens.grid ?? squareGrid(tokens.tokens.shape[1]);
    this.#checkGrid(index, before);
    const after = this.stages[index].forward(tokens.tokens, before, context);
    return { ...tokens, ...allTokens(after.tokens, tokens.rows), grid: after.grid };
  }

  finish(tokens: GridTokens): EncodedTokens {
    const normed = this.norm.forward(tokens.tokens);
    return { ...tokens, tokens: normed, pooled: tf.mean<tf.Tensor2D>(normed, 1) };
  }

  #checkGrid(stage: number, grid: Grid): void {
    if (Math.min(...grid) >= this.windowSize) return;
    throw new ShapeError({
      where: `pixelValues, stage ${stage} of Swin`,
      expected: `a grid of at least ${this.windowSize} × ${this.windowSize} patches, a window`,
      received: grid.join(' × '),
      hint: 'Let the processor make pictures of the size that the model was trained with.',
    });
  }
}

function squareGrid(length: number): Grid {
  const side = Math.sqrt(length);
  if (Number.isInteger(side)) return [side, side];
  throw new ShapeError({
    where: 'tokens of Swin',
    expected: 'tokens with their grid, or as many as a square has',
    received: `${length}`,
  });
}
