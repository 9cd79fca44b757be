import { type Context, type EncodedTokens, Encoder, ShapeError, type Tokens } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { allTokens } from '../all-tokens';
import { LayerNorm } from '../layer-norm';
import type { Grid } from './grid';
import type { SwinLayerConfig } from './swin-layer';
import { SwinStage } from './swin-stage';

/** Config of {@link SwinTower}. */
export interface SwinTowerConfig extends Omit<SwinLayerConfig, 'hiddenSize' | 'numAttentionHeads' | 'shifted'> {
  /** Width in the first stage, which doubles from each to the next. */
  readonly embedDim: number;
  /** How many layers each stage has. */
  readonly depths: readonly number[];
  /** How many heads the attention of each stage has. */
  readonly numHeads: readonly number[];
  /** Of the norm after the last stage; `layerNormEps` by default. */
  readonly finalNormEps?: number;
}

/** {@link Tokens} that are patches of a grid. */
export interface GridTokens extends Tokens {
  readonly grid?: Grid;
}

/**
 * The stages of a Swin Transformer (Liu et al. 2021): attention within windows, each stage of half the resolution and twice the
 * width of the one before. {@link layer} is a stage; `hiddenSize` is the width of the last. The vector of a row is the mean of
 * its tokens.
 */
export abstract class SwinTower extends Encoder {
  readonly stages: readonly SwinStage[];
  readonly norm: LayerNorm;
  readonly hiddenSize: number;
  readonly windowSize: number;

  constructor(config: SwinTowerConfig) {
    super();
    const { embedDim, depths, numHeads } = config;
    const count = depths.reduce((sum, depth) => sum + depth, 0);
    const rates = Array.from({ length: count }, (_, index) => (config.dropPathRate * index) / Math.max(count - 1, 1));
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
    this.norm = new LayerNorm(this.hiddenSize, config.finalNormEps ?? config.layerNormEps);
  }

  get depth(): number {
    return this.stages.length;
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
      where: `stage ${stage} of Swin`,
      expected: `a grid of at least ${this.windowSize} × ${this.windowSize} patches, a window`,
      received: grid.join(' × '),
      hint: 'Let the processor make features of the size that the model was trained with.',
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
