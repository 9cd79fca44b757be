import {
  type Batch,
  type Context,
  fusedPart,
  Head,
  type HeadInput,
  type HostBatch,
  type HostRows,
  type HostTensor,
  type LossTerms,
  type Metrics,
  Parameter,
  type PresentRows,
  type RandomKey,
  type Requirements,
  type TargetBatch,
  type ValueBlocks,
  type ViewInput,
} from '@polymodal/core';
import {
  LayerNorm,
  Linear,
  type TransformerConfig,
  type TransformerLayer,
  takeTokens,
  transformerLayers,
  truncatedNormal,
  zeroPadding,
} from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { gridPositions } from './grid-positions';
import { type HiddenBlocks, type HidingOptions, hideBlocks } from './hidden-blocks';
import { withoutHidden } from './without-hidden';

/** Sizes and choices of a {@link MaskedAutoencoderHead}. */
export interface MaskedAutoencoderConfig extends HidingOptions {
  /** The slot whose values are hidden in part. */
  readonly of: string;
  readonly blocks: ValueBlocks;
  /** Width of the encoder's tokens. */
  readonly encoderSize: number;
  readonly decoder: TransformerConfig;
}

/** What a {@link MaskedAutoencoderHead} computes. */
export interface MaskedAutoencoderOutput {
  /** (P, E), the encoder's vector of each row. */
  readonly vectors: tf.Tensor2D;
  /** In training: (P, M, values), what is guessed of hidden blocks. */
  readonly guesses?: tf.Tensor3D;
}

/** What a {@link MaskedAutoencoderHead} says of a row. */
export interface EncodedValue {
  /** Of the encoder, of the value with nothing hidden: what pre-training is for. */
  readonly vector: Float32Array;
}

/**
 * Learns an encoder without labels: most blocks of each value are hidden, and guessed from those that are left (masked autoencoders: of
 * pictures in pixels, He et al. 2022; of spectrograms, Huang et al. 2022). The encoder sees what is left alone, an encoder that leaves out blocks
 * makes no tokens of the others. A small Transformer goes over its tokens and one mask token for each hidden block, with the block's place; the
 * loss is the squared error on hidden blocks, each by its own mean and deviation.
 *
 * ```ts
 * const config = defineConfig(createRegistry([vision, fusion, heads]), {
 *   hiddenSize: 64,
 *   encoders: { photo: { use: 'vit', imageSize: 32, patchSize: 8 } },
 *   fusion: { use: 'none' },
 *   heads: { pixels: { use: 'masked-autoencoder', ratio: 0.75 } },
 * });
 * ```
 */
export class MaskedAutoencoderHead extends Head<MaskedAutoencoderOutput, EncodedValue> {
  readonly requires: Requirements;
  override readonly reads = ['encoded'] as const;
  override readonly needsTarget = false;
  /** From the encoder's width to the decoder's. */
  readonly embed: Linear;
  /** (1, 1, D) */
  readonly maskToken: Parameter<tf.Rank.R3>;
  readonly layers: readonly TransformerLayer[];
  readonly norm: LayerNorm;
  readonly predict: Linear;
  readonly #config: MaskedAutoencoderConfig;

  constructor(config: MaskedAutoencoderConfig) {
    super();
    const { of, blocks, encoderSize, decoder } = config;
    const { hiddenSize, layerNormEps } = decoder;
    this.#config = config;
    this.requires = { all: [of] };
    this.embed = new Linear(encoderSize, hiddenSize);
    this.maskToken = new Parameter([1, 1, hiddenSize], truncatedNormal(0.02));
    this.layers = transformerLayers(decoder);
    this.norm = new LayerNorm(hiddenSize, layerNormEps);
    this.predict = new Linear(hiddenSize, blocks.values);
  }

  override draw({ modalities }: HostBatch, key: RandomKey): HostRows | undefined {
    const own = modalities[this.#config.of];
    if (!own) return undefined;
    return { rows: own.rows, features: hideBlocks(own.features, this.#config.blocks, this.#config, key) };
  }

  override view({ size, modalities }: Batch, { target }: ViewInput): Batch {
    const { of, blocks } = this.#config;
    const { visible, shown } = tensorsOf(target);
    const { rows, features } = modalities[of];
    const { [blocks.feature]: values, ...others } = features as tf.NamedTensorMap;
    const seen = blocks.omits
      ? { ...others, [blocks.feature]: values, visibleBlocks: visible }
      : { ...others, [blocks.feature]: withoutHidden(values, shown, blocks) };
    return { size, modalities: { [of]: { rows, features: seen } }, targets: {} };
  }

  forward({ fused }: HeadInput, context: Context, target?: TargetBatch): MaskedAutoencoderOutput {
    const { tokens, mask, pooled } = fusedPart(fused, 'encoded')[this.#config.of];
    if (!target) return { vectors: pooled };
    const { hidden, counted, shown } = tensorsOf(target);
    const seen = zeroPadding(this.embed.forward(tokens), mask);
    const asked = this.#maskTokens(hidden, shown.shape.slice(1));
    const joint = tf.concat([seen, asked], 1); // (P, N + M, D)
    const takesPart = tf.concat([mask, tf.cast<tf.Tensor2D>(counted, 'float32')], 1);
    const decoded = this.layers.reduce((own, layer) => layer.forward(own, takesPart, context), joint);
    const [rows, numHidden]: readonly number[] = hidden.shape;
    const last = tf.slice(decoded, [0, tokens.shape[1], 0], [rows, numHidden, -1]);
    return { vectors: pooled, guesses: this.predict.forward(this.norm.forward(last)) };
  }

  /** The mean over hidden blocks of the mean of the squared errors in each (`forward_loss` of HF `ViTMAEForPreTraining`). */
  loss(target: TargetBatch | undefined): LossTerms<MaskedAutoencoderOutput> {
    if (!target) return {};
    const count = Array.from(target.values.counted.data).reduce((sum, one) => sum + one, 0);
    const sum = ({ guesses }: MaskedAutoencoderOutput) => {
      const { truth, counted } = tensorsOf(target);
      const errors = tf.mean(tf.squaredDifference(guesses!, truth), 2); // (P, M)
      return tf.sum<tf.Scalar>(tf.mul(errors, counted));
    };
    return { squaredError: { count, sum } };
  }

  scores({ vectors }: MaskedAutoencoderOutput): { vectors: tf.Tensor2D } {
    return { vectors };
  }

  answers({ vectors: { data, shape } }: Readonly<Record<string, HostTensor>>, { size }: PresentRows): EncodedValue[] {
    return Array.from({ length: size }, (_, row) => ({
      vector: Float32Array.from(data.subarray(row * shape[1], (row + 1) * shape[1])),
    }));
  }

  /** The mean squared error on hidden blocks. */
  override evaluateLoss({ squaredError }: Readonly<Record<string, number>>): Metrics {
    return { squaredError };
  }

  /** One for each hidden block, with its place: (P, M, D). */
  #maskTokens(hidden: tf.Tensor2D, grid: readonly number[]): tf.Tensor3D {
    const { hiddenSize } = this.#config.decoder;
    const count = grid.reduce((product, length) => product * length, 1);
    const table = tf.tensor3d(gridPositions(grid, hiddenSize), [1, count, hiddenSize]);
    const places = takeTokens(tf.tile(table, [hidden.shape[0], 1, 1]), hidden);
    return tf.add(places, this.maskToken.value);
  }
}

type HiddenTensors = { readonly [Name in keyof HiddenBlocks]: tf.Tensor } & {
  readonly hidden: tf.Tensor2D;
  readonly counted: tf.Tensor2D;
};

function tensorsOf(target: TargetBatch | undefined): HiddenTensors {
  return target!.features as unknown as HiddenTensors;
}
