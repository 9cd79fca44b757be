import {
  type Context,
  type EncodedTokens,
  Encoder,
  type ModalityBatch,
  Parameter,
  type Sequence,
  ShapeError,
  type Tokens,
  withTokens,
} from '@polymodal/core';
import { type ActivationName, Conv1d, dropout, gelu, LayerNorm, maskedMean, TransformerLayer } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { WhisperFeatures } from '../../preprocessing/whisper-feature-extractor';
import { layerDrop } from '../layer-drop';
import { SpecAugment, type SpecAugmentConfig } from '../spec-augment';
import { sinusoids } from './sinusoids';

/** What a {@link WhisperEncoder} is made from: what HF `WhisperConfig` says of the encoder, under the names of other families. */
export interface WhisperEncoderConfig extends Omit<SpecAugmentConfig, 'useMaskedSpecEmbed'> {
  readonly numMelBins: number;
  readonly hiddenSize: number;
  readonly numHiddenLayers: number;
  readonly numAttentionHeads: number;
  readonly intermediateSize: number;
  readonly hiddenAct: ActivationName;
  readonly hiddenDropout: number;
  readonly activationDropout: number;
  readonly attentionDropout: number;
  /** Rate at which layers are left out in training. */
  readonly layerdrop: number;
  /** N; each token is two frames. */
  readonly maxSourcePositions: number;
}

/** What is known of tokens that all take part: which of them belong to the recording. */
interface RecordedState {
  /** (P, N), 1 = belongs to it */
  readonly recorded: tf.Tensor2D;
}

/**
 * The encoder of Whisper (Radford et al. 2023, section 2.2; HF `WhisperEncoder`): two convolutions, sinusoidal positions,
 * pre-norm Transformer layers. It hears recordings of one length: what follows a shorter one is silence, which is no padding,
 * and takes part. The vector of a recording is the mean of its tokens, without those of the silence where a mask is given.
 */
export class WhisperEncoder extends Encoder<RecordedState> {
  readonly specAugment: SpecAugment;
  readonly convolution1: Conv1d;
  readonly convolution2: Conv1d;
  /** (N, D); frozen, as it is in Python. */
  readonly positions: Parameter<tf.Rank.R2>;
  readonly layers: readonly TransformerLayer[];
  readonly norm: LayerNorm;
  readonly hiddenSize: number;
  readonly #hiddenDropout: number;
  readonly #layerdrop: number;

  constructor(config: WhisperEncoderConfig) {
    super();
    const { hiddenSize, numMelBins, maxSourcePositions } = config;
    this.hiddenSize = hiddenSize;
    this.#hiddenDropout = config.hiddenDropout;
    this.#layerdrop = config.layerdrop;
    this.specAugment = new SpecAugment({ ...config, hiddenSize: numMelBins, useMaskedSpecEmbed: false });
    const three = { outChannels: hiddenSize, kernelSize: 3, padding: 1 };
    this.convolution1 = new Conv1d({ inChannels: numMelBins, ...three });
    this.convolution2 = new Conv1d({ inChannels: hiddenSize, ...three, stride: 2 });
    this.positions = new Parameter<tf.Rank.R2>([maxSourcePositions, hiddenSize], sinusoids);
    this.positions.trainable = false;
    this.layers = Array.from(
      { length: config.numHiddenLayers },
      () => new TransformerLayer({ ...config, projectionBias: { key: false }, normPosition: 'pre' }),
    );
    this.norm = new LayerNorm(hiddenSize);
  }

  get depth(): number {
    return this.layers.length;
  }

  override tokenCount(): number {
    return this.positions.shape[0];
  }

  override usualTokenCount(): number {
    return this.tokenCount();
  }

  /** @throws ShapeError for recordings that were not filled up to the one length */
  embed({ features, rows }: ModalityBatch<WhisperFeatures>, context: Context): Tokens<RecordedState> {
    const { inputFeatures, mask: frameMask } = features;
    const [length] = this.positions.shape;
    checkFrames(inputFeatures.shape[1], 2 * length);
    const augmented = this.specAugment.forward(inputFeatures, context);
    const convolved = gelu(this.convolution2.forward(gelu(this.convolution1.forward(augmented)))); // (P, N, D)
    const placed = tf.add<tf.Tensor3D>(convolved, this.positions.value);
    const tokens = dropout(placed, this.#hiddenDropout, context, this);
    const mask = tf.ones<tf.Rank.R2>([rows.length, length]);
    return { tokens, mask, rows, state: { recorded: frameMask ? everySecond(frameMask) : mask } };
  }

  override adopt(sequence: Sequence): Tokens<RecordedState> {
    return { ...sequence, state: { recorded: sequence.mask } };
  }

  layer(index: number, tokens: Tokens<RecordedState>, context: Context): Tokens<RecordedState> {
    const output = layerDrop(tokens.tokens, this.#layerdrop, context, this, (x) =>
      this.layers[index].forward(x, tokens.mask, context),
    );
    return withTokens(tokens, output);
  }

  finish({ tokens, mask, rows, state }: Tokens<RecordedState>): EncodedTokens {
    const normed = this.norm.forward(tokens);
    return { tokens: normed, mask, rows, pooled: maskedMean(normed, state.recorded) };
  }
}

/** Token n is centred on frame 2 n: (P, 2 N) → (P, N). */
function everySecond(mask: tf.Tensor2D): tf.Tensor2D {
  const [rows, frames] = mask.shape;
  const pairs = tf.reshape<tf.Rank.R3>(mask, [rows, frames / 2, 2]);
  return tf.reshape(tf.slice(pairs, [0, 0, 0], [rows, frames / 2, 1]), [rows, frames / 2]);
}

function checkFrames(frames: number, expected: number): void {
  if (frames === expected) return;
  throw new ShapeError({
    where: 'inputFeatures',
    expected: `${expected} frames, twice max_source_positions`,
    received: String(frames),
    hint: 'Fill recordings up with silence to the one length that Whisper hears, 30 seconds.',
  });
}
