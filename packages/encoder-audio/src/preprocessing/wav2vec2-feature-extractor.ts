import {
  bucketLength,
  commonLengths,
  type FeatureMasks,
  type FeatureShape,
  type HostTensor1D,
  type HostTensor2D,
  hostTensor,
  type Lengths,
  lengthMask,
  padAndStack,
  parseConfig,
} from '@polymodal/core';
import type { FeatureExtractor, MonoSound } from './feature-extractor';
import { featureExtractorOptions, option } from './feature-extractor-options';

const wav2vec2Options = featureExtractorOptions(
  {
    feature_size: option.only(1),
    sampling_rate: option.count(16_000),
    padding_value: option.number(0),
    do_normalize: option.flag(true),
  },
  // See below for the first; the others are arguments of a call, which Python takes from no file.
  ['return_attention_mask', 'padding', 'truncation', 'max_length', 'pad_to_multiple_of'],
);

/** Samples that the convolutions of wav2vec 2.0 and HuBERT make one frame of. */
const samplesOfFrame = 400;

/** The features of a recording: (T) samples. */
export type Wav2Vec2Row = { readonly inputValues: HostTensor1D };

/** Those of P recordings, as wav2vec 2.0 and HuBERT read them. */
export type Wav2Vec2Features = {
  /** (P, T) samples, padded at the right. */
  readonly inputValues: HostTensor2D;
  /** (P, T), 1 = takes part. Without a mask every sample does. */
  readonly mask?: HostTensor2D;
  /**
   * (P, N), 1 where a frame is hidden from the model, in place of those that SpecAugment draws in training (HF `mask_time_indices`). No
   * recording says so.
   */
  readonly maskedFrames?: HostTensor2D;
};

/**
 * Samples as they are, or with mean 0 and variance 1 over the recording (HF `Wav2Vec2FeatureExtractor`):
 * `inputValues` (P, T) and `mask` (P, T), padded at the right.
 *
 * With the mask a recording is encoded in any batch as Python encodes it alone. Without it, padding is heard: what Python
 * does where `return_attention_mask` is false, and only rows of one length share a batch.
 */
export class Wav2Vec2FeatureExtractor implements FeatureExtractor {
  readonly samplingRate: number;
  readonly minSamples: number;
  readonly #paddingValue: number;
  readonly #normalizes: boolean;
  readonly masks?: FeatureMasks;

  /** @throws ConfigError for options that are unknown or not implemented */
  constructor(content: unknown, { returnAttentionMask = true, minSamples = samplesOfFrame } = {}) {
    const options = parseConfig(wav2vec2Options, content, '');
    this.samplingRate = options.sampling_rate;
    this.minSamples = minSamples;
    this.#paddingValue = options.padding_value;
    this.#normalizes = options.do_normalize;
    if (returnAttentionMask) this.masks = { mask: ['inputValues'] };
  }

  extract(sound: MonoSound): Wav2Vec2Row {
    const samples = sound.samples(0, sound.length);
    return { inputValues: hostTensor(this.#normalizes ? standardised(samples) : samples.slice(), [samples.length]) };
  }

  collate(rows: readonly Wav2Vec2Row[], lengths?: Lengths): Wav2Vec2Features {
    const values = rows.map(({ inputValues }) => inputValues);
    const { samples } = commonLengths(
      rows.map((row) => this.shape(row)),
      lengths,
    );
    if (!this.masks) return { inputValues: padAndStack(values) };
    const mask = lengthMask(
      values.map(({ shape }) => shape[0]),
      samples,
    );
    return { inputValues: padAndStack(values, [samples], this.#paddingValue), mask };
  }

  /** Four lengths to the octave, so that few programs are compiled; exact lengths where padding would be heard. */
  shape({ inputValues }: Wav2Vec2Row): FeatureShape {
    const [length] = inputValues.shape;
    if (!this.masks) return { fixed: [length] };
    return { lengths: { samples: bucketLength(length, 2 ** Math.max(9, Math.ceil(Math.log2(length)) - 3)) } };
  }
}

function standardised(samples: Float32Array): Float32Array {
  const count = samples.length;
  let sum = 0;
  for (let i = 0; i < count; i++) sum += samples[i];
  const mean = sum / count;
  let squares = 0;
  for (let i = 0; i < count; i++) squares += (samples[i] - mean) ** 2;
  const scale = 1 / Math.sqrt(squares / count + 1e-7);
  const values = new Float32Array(count);
  for (let i = 0; i < count; i++) values[i] = (samples[i] - mean) * scale;
  return values;
}
