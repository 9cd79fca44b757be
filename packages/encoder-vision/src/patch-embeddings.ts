import { type Context, Module, Parameter, ShapeError } from '@polymodal/core';
import {
  Conv2d,
  dropout,
  type Grid,
  type PerAxis,
  perAxis,
  repeatRows,
  takeTokens,
  truncatedNormal,
  zeros,
} from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { fractionalPositions } from './fractional-positions';
import { interpolatePositions, type PositionInterpolation } from './interpolate-positions';

/** Config of {@link PatchEmbeddings}. */
export interface PatchEmbeddingsConfig {
  readonly imageSize: PerAxis;
  readonly patchSize: PerAxis;
  readonly numChannels: number;
  readonly hiddenSize: number;
  /** Whether the projection has a bias; it has by default. */
  readonly patchBias?: boolean;
  /** Whether a token that stands for the whole picture comes first; it does by default. */
  readonly useClassToken?: boolean;
  /** Whether there is a token to put in the place of masked patches; not by default. */
  readonly useMaskToken?: boolean;
  /** How many tokens without position follow the class token (Darcet et al. 2023); none by default. */
  readonly numRegisterTokens?: number;
  /** How positions are had for pictures of another size than imageSize; `bicubic` by default. */
  readonly interpolation?: PositionInterpolation;
  /** Rate of dropout on the result; 0 by default. */
  readonly hiddenDropout?: number;
}

/** Which patches of P pictures are not as they are there. */
export interface ChosenPatches {
  /** (P, rows · columns), 1 where the mask token takes the place of a patch. */
  readonly maskedPatches?: tf.Tensor2D | undefined;
  /** int32 (P, K), the patches that tokens are made of, by their indices; the others are left out. */
  readonly visibleBlocks?: tf.Tensor2D | undefined;
  /** (P, rows, columns), 1 where there is a patch; the others are padding, right of the picture and below it. */
  readonly patchMask?: tf.Tensor3D | undefined;
}

/**
 * Pictures as the tokens that a Vision Transformer begins with (Dosovitskiy et al. 2020, eq. 1): projected patches row by row,
 * learned positions, and perhaps a class token and registers before them (HF `ViTEmbeddings` and its like).
 *
 * Pictures may be of another size than imageSize, and what is less than a patch at their right and bottom does not count.
 */
export class PatchEmbeddings extends Module {
  readonly projection: Conv2d;
  /** (1, D) */
  readonly classToken: Parameter<tf.Rank.R2> | undefined;
  /** (1, D) */
  readonly maskToken: Parameter<tf.Rank.R2> | undefined;
  /** (R, D) */
  readonly registerTokens: Parameter<tf.Rank.R2> | undefined;
  /** (1 + rows · columns, D), or one less without class token */
  readonly positions: Parameter<tf.Rank.R2>;
  readonly #grid: Grid;
  readonly #patchSize: Grid;
  readonly #interpolation: PositionInterpolation;
  readonly #hiddenDropout: number;

  constructor(config: PatchEmbeddingsConfig) {
    super();
    const { hiddenSize, useClassToken = true, useMaskToken = false, numRegisterTokens = 0 } = config;
    this.#patchSize = perAxis(config.patchSize);
    this.#grid = gridOf(perAxis(config.imageSize), this.#patchSize);
    this.#interpolation = config.interpolation ?? 'bicubic';
    this.#hiddenDropout = config.hiddenDropout ?? 0;
    this.projection = new Conv2d({
      inChannels: config.numChannels,
      outChannels: hiddenSize,
      kernelSize: config.patchSize,
      stride: config.patchSize,
      bias: config.patchBias,
      initializer: truncatedNormal(0.02),
    });
    const tokens = (count: number) => new Parameter<tf.Rank.R2>([count, hiddenSize], truncatedNormal(0.02));
    this.classToken = useClassToken ? tokens(1) : undefined;
    this.maskToken = useMaskToken ? new Parameter([1, hiddenSize], zeros) : undefined;
    this.registerTokens = numRegisterTokens > 0 ? tokens(numRegisterTokens) : undefined;
    this.positions = tokens(this.#grid[0] * this.#grid[1] + (useClassToken ? 1 : 0));
  }

  /**
   * Of visible patches alone there are as many tokens as these are, each with the position that it has in the picture.
   *
   * @param pixelValues (P, H, W, C)
   * @returns (P, N, D)
   * @throws ShapeError for pictures smaller than a patch, masked patches without a mask token, or a mask of patches where positions
   *   are not those of the picture's own size
   */
  forward(pixelValues: tf.Tensor4D, context: Context, chosen: ChosenPatches = {}): tf.Tensor3D {
    const { maskedPatches, visibleBlocks, patchMask } = chosen;
    const { patches, grid } = this.#project(pixelValues, patchMask);
    const kept = maskedPatches ? replaceMasked(patches, maskedPatches, this.maskToken) : patches;
    const positioned = tf.add<tf.Tensor3D>(kept, this.#positionsOf(grid, patchMask));
    const seen = visibleBlocks ? takeTokens(positioned, visibleBlocks) : positioned;
    const tokens = tf.concat([...this.#firstTokens(patches.shape[0]), seen], 1);
    return dropout(tokens, this.#hiddenDropout, context, this);
  }

  /** N, of a picture of this size. */
  tokenCount(height: number, width: number): number {
    return this.#countOf(gridOf([height, width], this.#patchSize));
  }

  /** N, of a picture of imageSize. */
  usualTokenCount(): number {
    return this.#countOf(this.#grid);
  }

  #countOf([rows, columns]: Grid): number {
    return (this.classToken ? 1 : 0) + (this.registerTokens?.shape[0] ?? 0) + rows * columns;
  }

  #project(
    pixelValues: tf.Tensor4D,
    patchMask: tf.Tensor3D | undefined,
  ): { readonly patches: tf.Tensor3D; readonly grid: Grid } {
    const [size, height, width, channels] = pixelValues.shape;
    const grid = gridOf([height, width], this.#patchSize);
    const [rows, columns] = grid;
    if (rows < 1 || columns < 1) {
      throw new ShapeError({
        where: 'pixelValues',
        expected: `pictures of at least ${this.#patchSize.join(' × ')} pixels, a patch`,
        received: `${height} × ${width}`,
      });
    }
    const whole = tf.slice(
      pixelValues,
      [0, 0, 0, 0],
      [size, rows * this.#patchSize[0], columns * this.#patchSize[1], channels],
    );
    const clean = patchMask ? withoutPadding(whole, patchMask, this.#patchSize) : whole;
    const projected = this.projection.forward(clean); // (P, rows, columns, D)
    return { patches: tf.reshape(projected, [size, rows * columns, projected.shape[3]]), grid };
  }

  /** (1, rows · columns, D), or (P, rows · columns, D) where each picture has its own size. */
  #positionsOf(grid: Grid, patchMask: tf.Tensor3D | undefined): tf.Tensor3D {
    const { value } = this.positions;
    const patches = this.classToken ? tf.slice<tf.Rank.R2, tf.Tensor2D>(value, [1, 0]) : value;
    if (!patchMask) return tf.expandDims(interpolatePositions(patches, this.#grid, grid, this.#interpolation), 0);
    if (this.#interpolation === 'nearest') return fractionalPositions(patches, this.#grid, patchMask);
    throw new ShapeError({
      where: 'patchMask',
      expected: 'no mask of patches, since positions are interpolated for whole pictures',
      received: `[${patchMask.shape}]`,
    });
  }

  /** The class token with its position, and the registers. */
  #firstTokens(size: number): tf.Tensor3D[] {
    const { value } = this.positions;
    const positioned = this.classToken && tf.add<tf.Tensor2D>(this.classToken.value, tf.slice(value, [0, 0], [1, -1]));
    return [positioned, this.registerTokens?.value]
      .filter((tokens) => tokens !== undefined)
      .map((tokens) => repeatRows(tf.expandDims<tf.Tensor3D>(tokens, 0), size));
  }
}

/** Pixels that are 0 where there is no patch, whatever stood there. */
function withoutPadding(pixels: tf.Tensor4D, patchMask: tf.Tensor3D, [down, across]: Grid): tf.Tensor4D {
  const [size, rows, columns] = patchMask.shape;
  const each = tf.add(tf.reshape(patchMask, [size, rows, 1, columns, 1]), tf.zeros([1, 1, down, 1, across]));
  const mask = tf.reshape(tf.cast(each, 'bool'), [size, rows * down, columns * across, 1]);
  return tf.where(mask, pixels, tf.zerosLike(pixels));
}

/**
 * The mask token in the place of patches (HF `bool_masked_pos`).
 *
 * @param patches (P, N, D)
 * @param masked  (P, N), 1 = masked
 * @throws ShapeError if there is no mask token
 */
function replaceMasked(
  patches: tf.Tensor3D,
  masked: tf.Tensor2D,
  maskToken: Parameter<tf.Rank.R2> | undefined,
): tf.Tensor3D {
  if (!maskToken) {
    throw new ShapeError({
      where: 'maskedPatches',
      expected: 'no masked patches, since the model has no mask token',
      received: `[${masked.shape}]`,
    });
  }
  const share = tf.expandDims(masked, 2);
  return tf.add(tf.mul(patches, tf.sub(1, share)), tf.mul(share, maskToken.value));
}

function gridOf([height, width]: Grid, [down, across]: Grid): Grid {
  return [Math.floor(height / down), Math.floor(width / across)];
}
