import { type Context, Module } from '@polymodal/core';
import type * as tf from '@tensorflow/tfjs-core';
import type { Grid } from './grid';
import { mergedGrid, PatchMerging } from './patch-merging';
import { SwinLayer, type SwinLayerConfig } from './swin-layer';
import { shiftedRegions } from './window-bias';

/** Config of {@link SwinStage}. */
export interface SwinStageConfig extends Omit<SwinLayerConfig, 'shifted' | 'dropPathRate'> {
  /** Of each layer. */
  readonly dropPathRates: readonly number[];
  /** Whether patches are merged in the end, as in all stages but the last. */
  readonly merges: boolean;
}

/** Layers at one resolution, every other with shifted windows, and the way to the next (Liu et al. 2021, figure 3; HF `SwinStage`). */
export class SwinStage extends Module {
  readonly layers: readonly SwinLayer[];
  readonly merging: PatchMerging | undefined;
  readonly #windowSize: number;

  constructor(config: SwinStageConfig) {
    super();
    this.layers = config.dropPathRates.map(
      (dropPathRate, index) => new SwinLayer({ ...config, dropPathRate, shifted: index % 2 === 1 }),
    );
    this.#windowSize = config.windowSize;
    this.merging = config.merges ? new PatchMerging(config.hiddenSize) : undefined;
  }

  /** @param tokens (P, rows · columns, D) */
  forward(tokens: tf.Tensor3D, grid: Grid, context: Context): { readonly tokens: tf.Tensor3D; readonly grid: Grid } {
    const regions = this.layers.length > 1 ? shiftedRegions(grid, this.#windowSize) : undefined; // the first is not shifted
    const attended = this.layers.reduce((current, layer) => layer.forward(current, grid, context, regions), tokens);
    return this.merging
      ? { tokens: this.merging.forward(attended, grid), grid: mergedGrid(grid) }
      : { tokens: attended, grid };
  }
}
