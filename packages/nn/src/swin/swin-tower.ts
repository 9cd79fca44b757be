import { type Context, type EncodedTokens, Encoder, type Features, ShapeError, type Tokens } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { allTokens } from '../all-tokens';
import { LayerNorm } from '../layer-norm';
import type { Grid } from './grid';
import { mergedGrid } from './patch-merging';
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

/** What the stages of a {@link SwinTower} know of their tokens, which are patches of a grid, row by row. */
export interface GridState {
  readonly grid: Grid;
}

/**
 * The stages of a Swin Transformer (Liu et al. 2021): attention within windows, each stage of half the resolution and twice the
 * width of the one before. {@link layer} is a stage; `hiddenSize` is the width of the last. The vector of a row is the mean of
 * its tokens. Stages take no tokens but those of a grid.
 */
export abstract class SwinTower extends Encoder<GridState> {
  readonly stages: readonly SwinStage[];
  readonly norm: LayerNorm;
  readonly embedDim: number;
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
    this.embedDim = embedDim;
    this.hiddenSize = embedDim * 2 ** (depths.length - 1);
    this.windowSize = config.windowSize;
    this.norm = new LayerNorm(this.hiddenSize, config.finalNormEps ?? config.layerNormEps);
  }

  get depth(): number {
    return this.stages.length;
  }

  override widthAt(index: number): number {
    return this.embedDim * 2 ** Math.min(index, this.depth - 1);
  }

  /** The patches of a value with these features, not collated; without any, of one of the size that the tower was made for. */
  protected abstract gridOf(features?: Features): Grid;

  override tokenCount(features: Features, layer?: number): number {
    return this.#tokensAt(this.gridOf(features), layer);
  }

  override usualTokenCount(layer?: number): number {
    return this.#tokensAt(this.gridOf(), layer);
  }

  /** @throws ShapeError for a grid that is smaller than a window */
  layer(index: number, { tokens, rows, state }: Tokens<GridState>, context: Context): Tokens<GridState> {
    this.#checkGrid(index, state.grid);
    const after = this.stages[index].forward(tokens, state.grid, context);
    return { ...allTokens(after.tokens, rows), state: { grid: after.grid } };
  }

  finish({ tokens, mask, rows }: Tokens<GridState>): EncodedTokens {
    const normed = this.norm.forward(tokens);
    return { tokens: normed, mask, rows, pooled: tf.mean<tf.Tensor2D>(normed, 1) };
  }

  #tokensAt(grid: Grid, layer = this.depth): number {
    const merges = Math.min(layer, this.depth - 1);
    const [rows, columns] = Array.from({ length: merges }).reduce<Grid>(mergedGrid, grid);
    return rows * columns;
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
