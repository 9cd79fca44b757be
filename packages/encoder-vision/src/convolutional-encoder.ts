import { type Context, type EncodedTokens, Encoder, type ModalityBatch, Parameter, type Tokens } from '@polymodal/core';
import { allTokens, Conv2d, gelu, LayerNorm, maskedMean, truncatedNormal } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { ImageFeatures, ImageRow } from './image-processor';
import { ResidualBlock } from './residual-block';
import type { Sides } from './sides';

/** Sizes of a {@link ConvolutionalEncoder}. */
export interface ConvolutionalEncoderConfig {
  readonly imageSize: Sides;
  readonly numChannels: number;
  readonly hiddenSize: number;
  /** Channels after each convolution of the stem but the last, which gives `hiddenSize`. */
  readonly stemChannels: readonly number[];
  readonly numHiddenLayers: number;
  readonly layerNormEps: number;
  /** What stands for a whole picture: the mean over its positions, their greatest value in each channel, or both side by side. */
  readonly pooling: 'mean' | 'max' | 'mean-max';
}

/** Where the positions of a picture lie: rows and columns of the grid. */
type GridState = Sides;

/**
 * A convolutional network: a stem of 3 × 3 convolutions, each of which halves the picture's sides, learned positions (so that an object
 * has a place as well as a look), and residual blocks of one width. For pictures that are small or few it learns sooner than a Vision
 * Transformer, and what conditions it goes between its layers (FiLM, Perez et al. 2018).
 *
 * Tokens are the positions of the last grid row by row: N = H/2ˢ · W/2ˢ, rounded up at each of the s convolutions of the stem. Its layers
 * are convolutions over that grid, so they take no tokens of others.
 *
 * ```ts
 * const config = defineConfig(createRegistry([vision, fusion, heads]), {
 *   hiddenSize: 64,
 *   encoders: { photo: { use: 'convolutional', imageSize: 48, numHiddenLayers: 3 } },
 *   fusion: { use: 'mean' },
 *   heads: { ripe: { use: 'classification', labels: ['ripe', 'unripe'] } },
 * });
 * ```
 */
export class ConvolutionalEncoder extends Encoder<GridState> {
  readonly hiddenSize: number;
  readonly stem: readonly Conv2d[];
  /** (1, N, D) */
  readonly positions: Parameter<tf.Rank.R3>;
  readonly layers: readonly ResidualBlock[];
  readonly norm: LayerNorm;
  readonly #pooling: ConvolutionalEncoderConfig['pooling'];

  constructor(config: ConvolutionalEncoderConfig) {
    super();
    const { hiddenSize, numChannels, stemChannels, layerNormEps } = config;
    this.hiddenSize = hiddenSize;
    const channels = [numChannels, ...stemChannels, hiddenSize];
    this.stem = channels
      .slice(1)
      .map(
        (outChannels, index) =>
          new Conv2d({ inChannels: channels[index], outChannels, kernelSize: 3, stride: 2, padding: 1 }),
      );
    this.positions = new Parameter([1, this.#gridSize(config.imageSize), hiddenSize], truncatedNormal(0.02));
    this.layers = Array.from({ length: config.numHiddenLayers }, () => new ResidualBlock(hiddenSize, layerNormEps));
    this.norm = new LayerNorm(hiddenSize, layerNormEps);
    this.#pooling = config.pooling;
  }

  get depth(): number {
    return this.layers.length;
  }

  override get pooledSize(): number {
    return this.#pooling === 'mean-max' ? 2 * this.hiddenSize : this.hiddenSize;
  }

  override tokenCount({ pixelValues: { shape } }: ImageRow): number {
    return this.#gridSize([shape[0], shape[1]]);
  }

  override usualTokenCount(): number {
    return this.positions.shape[1];
  }

  embed({ features, rows }: ModalityBatch<ImageFeatures>): Tokens<GridState> {
    let x = features.pixelValues; // (P, H, W, C)
    this.stem.forEach((conv, index) => {
      const y = conv.forward(x);
      x = index < this.stem.length - 1 ? gelu(y) : y;
    });
    const grid = [x.shape[1], x.shape[2]] as const;
    const tokens = tf.add<tf.Tensor3D>(flat(x), this.positions.value);
    return { ...allTokens(tokens, rows), state: grid };
  }

  layer(index: number, { tokens, state, ...rest }: Tokens<GridState>, _context: Context): Tokens<GridState> {
    const x = tf.reshape<tf.Rank.R4>(tokens, [tokens.shape[0], ...state, this.hiddenSize]);
    return { ...rest, state, tokens: flat(this.layers[index].forward(x)) };
  }

  finish({ tokens, mask, rows }: Tokens<GridState>): EncodedTokens {
    const normed = this.norm.forward(tokens);
    return { tokens: normed, mask, rows, pooled: this.#pool(normed, mask) };
  }

  /** N, of a picture of this size. */
  #gridSize(sides: Sides): number {
    const [rows, columns] = sides.map((side) => this.stem.reduce((length) => Math.ceil(length / 2), side));
    return rows * columns;
  }

  /** Every position takes part, so that of the greatest values there is nothing to mask. */
  #pool(tokens: tf.Tensor3D, mask: tf.Tensor2D): tf.Tensor2D {
    const pooled: tf.Tensor2D[] = [];
    if (this.#pooling !== 'max') pooled.push(maskedMean(tokens, mask));
    if (this.#pooling !== 'mean') pooled.push(tf.max(tokens, 1));
    return tf.concat(pooled, 1);
  }
}

/** (P, H, W, D) → (P, H · W, D) */
function flat(x: tf.Tensor4D): tf.Tensor3D {
  const [size, rows, columns, width] = x.shape;
  return tf.reshape<tf.Rank.R3>(x, [size, rows * columns, width]);
}
