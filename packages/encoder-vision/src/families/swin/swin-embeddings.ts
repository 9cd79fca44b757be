import { type Context, Module, Parameter } from '@polymodal/core';
import { Conv2d, dropout, type Grid, LayerNorm, type PerAxis, padMaps, perAxis, zeros } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { interpolatePositions } from '../../interpolate-positions';

/** Config of {@link SwinEmbeddings}: the names of HF `SwinConfig`. */
export interface SwinEmbeddingsConfig {
  readonly embedDim: number;
  readonly imageSize: PerAxis;
  readonly patchSize: PerAxis;
  readonly numChannels: number;
  readonly useAbsoluteEmbeddings: boolean;
  readonly hiddenDropoutProb: number;
}

/** Patches as normalised tokens, perhaps with learned positions (HF `SwinEmbeddings`). */
export class SwinEmbeddings extends Module {
  readonly projection: Conv2d;
  readonly norm: LayerNorm;
  /** (rows · columns, D) */
  readonly positions: Parameter<tf.Rank.R2> | undefined;
  /** That of a picture of imageSize. */
  readonly grid: Grid;
  readonly #patchSize: Grid;
  readonly #hiddenDropout: number;

  constructor(config: SwinEmbeddingsConfig) {
    super();
    const { embedDim, patchSize } = config;
    const [height, width] = perAxis(config.imageSize);
    this.#patchSize = perAxis(patchSize);
    this.grid = [Math.floor(height / this.#patchSize[0]), Math.floor(width / this.#patchSize[1])];
    this.#hiddenDropout = config.hiddenDropoutProb;
    this.projection = new Conv2d({
      inChannels: config.numChannels,
      outChannels: embedDim,
      kernelSize: patchSize,
      stride: patchSize,
    });
    this.norm = new LayerNorm(embedDim);
    this.positions = config.useAbsoluteEmbeddings
      ? new Parameter([this.grid[0] * this.grid[1], embedDim], zeros)
      : undefined;
  }

  /**
   * @param pixelValues (P, H, W, C); zeros are added up to whole patches
   * @returns tokens (P, rows · columns, D), row by row, and their grid
   */
  forward(pixelValues: tf.Tensor4D, context: Context): { readonly tokens: tf.Tensor3D; readonly grid: Grid } {
    const projected = this.projection.forward(padMaps(pixelValues, this.#patchSize));
    const [size, rows, columns, embedDim] = projected.shape;
    const patches = this.norm.forward(tf.reshape<tf.Rank.R3>(projected, [size, rows * columns, embedDim]));
    const grid = [rows, columns] as const;
    const positioned = this.positions
      ? tf.add<tf.Tensor3D>(
          patches,
          tf.expandDims(interpolatePositions(this.positions.value, this.grid, grid, 'bicubic'), 0),
        )
      : patches;
    return { tokens: dropout(positioned, this.#hiddenDropout, context, this), grid };
  }

  /** That of a picture of this size. */
  gridOf(height: number, width: number): Grid {
    const [down, across] = this.#patchSize;
    return [Math.ceil(height / down), Math.ceil(width / across)];
  }
}
