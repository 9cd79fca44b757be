import { type Context, Module, Parameter, StateError } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { maskedSpans, type SpanConfig } from './masked-spans';

/** Config of {@link SpecAugment}: the names of HF `Wav2Vec2Config` and `WhisperConfig`. */
export interface SpecAugmentConfig {
  /** Width D of the frames. */
  readonly hiddenSize: number;
  readonly applySpecAugment: boolean;
  readonly maskTimeProb: number;
  readonly maskTimeLength: number;
  readonly maskTimeMinMasks: number;
  readonly maskFeatureProb: number;
  readonly maskFeatureLength: number;
  readonly maskFeatureMinMasks: number;
  /** Whether a vector is learned that stands in the place of masked frames; otherwise it is 0. */
  readonly useMaskedSpecEmbed: boolean;
}

/**
 * Masks frames and features in training (Park et al. 2019; HF `Wav2Vec2Model._mask_hidden_states`,
 * `WhisperModel._mask_input_features`).
 */
export class SpecAugment extends Module {
  /** [D] */
  readonly maskedSpecEmbed: Parameter<tf.Rank.R1> | undefined;
  readonly #time: SpanConfig;
  readonly #feature: SpanConfig;
  readonly #applied: boolean;

  constructor(config: SpecAugmentConfig) {
    super();
    this.#applied = config.applySpecAugment;
    this.#time = {
      probability: config.maskTimeProb,
      spanLength: config.maskTimeLength,
      minSpans: config.maskTimeMinMasks,
    };
    this.#feature = {
      probability: config.maskFeatureProb,
      spanLength: config.maskFeatureLength,
      minSpans: config.maskFeatureMinMasks,
    };
    this.maskedSpecEmbed = config.useMaskedSpecEmbed
      ? new Parameter([config.hiddenSize], ([size], key) => key.uniform(size))
      : undefined;
    if (this.maskedSpecEmbed && !this.#applied) this.maskedSpecEmbed.trainable = false; // there for Python alone
  }

  /**
   * @param frames       (B, N, D)
   * @param maskedFrames (B, N), 1 = masked; drawn in training, if not given
   * @returns (B, N, D)
   * @throws StateError for given frames to mask in a model that masks none
   */
  forward(frames: tf.Tensor3D, context: Context, maskedFrames?: tf.Tensor2D): tf.Tensor3D {
    if (!this.#applied) {
      if (maskedFrames) throw maskingIsOff();
      return frames;
    }
    const [batch, length, size] = frames.shape;
    const timeMask = maskedFrames ?? this.#drawn(batch, length, this.#time, context);
    const masked = timeMask ? this.#maskTime(frames, timeMask) : frames;
    const featureMask = this.#drawn(batch, size, this.#feature, context);
    if (!featureMask) return masked;
    return tf.mul(masked, tf.reshape(tf.sub(1, featureMask), [batch, 1, size]));
  }

  #drawn(rows: number, length: number, config: SpanConfig, context: Context): tf.Tensor2D | undefined {
    if (!context.training || config.probability === 0) return undefined;
    return context.drawFor<tf.Rank.R2>(this, [rows, length], (key) =>
      maskedSpans(rows, length, config, key),
    ) as tf.Tensor2D;
  }

  #maskTime(frames: tf.Tensor3D, mask: tf.Tensor2D): tf.Tensor3D {
    const { shape } = frames;
    const substitute = this.maskedSpecEmbed
      ? tf.add<tf.Tensor3D>(this.maskedSpecEmbed.value, tf.zeros(shape))
      : tf.zeros<tf.Rank.R3>(shape);
    return tf.where(tf.cast(tf.expandDims(mask, 2), 'bool'), substitute, frames);
  }
}

function maskingIsOff(): StateError {
  return new StateError({
    where: 'maskedFrames',
    expected: 'a model whose config.json has apply_spec_augment',
    received: 'one where it is false',
    hint: 'Leave maskedFrames out.',
  });
}
