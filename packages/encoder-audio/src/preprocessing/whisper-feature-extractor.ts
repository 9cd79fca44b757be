import {
  type FeatureMasks,
  type HostTensor1D,
  type HostTensor2D,
  type HostTensor3D,
  hostTensor,
  lengthMask,
  padAndStack,
  parseConfig,
} from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { LogMelSpectrogram } from '../log-mel-spectrogram';
import { normalizeLogMel } from '../normalize-log-mel';
import type { FeatureExtractor, MonoSound } from './feature-extractor';
import { featureExtractorOptions, option } from './feature-extractor-options';

const whisperOptions = featureExtractorOptions(
  {
    feature_size: option.count(80),
    sampling_rate: option.count(16_000),
    hop_length: option.count(160),
    chunk_length: option.count(30),
    n_fft: option.fftSize(400),
    padding_value: option.number(0),
    dither: option.only(0),
    return_attention_mask: option.flag(false),
  },
  // Computed from the others, or arguments of a call, which Python takes from no file.
  ['n_samples', 'nb_max_frames', 'mel_filters', 'padding', 'truncation', 'max_length', 'do_normalize'],
);

/** Hz; Python's, whatever the sample rate. */
const highestFrequency = 8000;

/** The features of a recording: (frames, bins), and perhaps (frames). */
type WhisperRow = { readonly inputFeatures: HostTensor2D; readonly mask?: HostTensor1D };

/** Those of P recordings. */
export type WhisperFeatures = {
  /** (P, frames, bins) */
  readonly inputFeatures: HostTensor3D;
  /** (P, frames), 1 where the recording lasts. */
  readonly mask?: HostTensor2D;
};

/**
 * Log-mel frames of a recording filled up, or cut, to one length (HF `WhisperFeatureExtractor`; Radford et al. 2023,
 * section 2.2): `inputFeatures` (P, frames, bins), and where `return_attention_mask` says so `mask` (P, frames), 1 where the
 * recording lasts.
 */
export class WhisperFeatureExtractor implements FeatureExtractor {
  readonly samplingRate: number;
  readonly minSamples = 1;
  readonly maxSamples: number;
  readonly #paddingValue: number;
  readonly masks?: FeatureMasks;
  readonly #spectrogram: LogMelSpectrogram;

  /** @throws ConfigError for options that are unknown or not implemented */
  constructor(content: unknown, { returnAttentionMask }: { readonly returnAttentionMask?: boolean } = {}) {
    const options = parseConfig(whisperOptions, content, '');
    this.samplingRate = options.sampling_rate;
    this.maxSamples = options.chunk_length * options.sampling_rate;
    this.#paddingValue = options.padding_value;
    if (returnAttentionMask ?? options.return_attention_mask) this.masks = { mask: ['inputFeatures'] };
    this.#spectrogram = new LogMelSpectrogram({
      sampleRate: options.sampling_rate,
      windowLength: options.n_fft,
      hopLength: options.hop_length,
      fftSize: options.n_fft,
      numMelBins: options.feature_size,
      fMin: 0,
      fMax: highestFrequency,
      melScale: 'slaney',
      melNorm: 'slaney',
      emptyBands: 'silence',
    });
  }

  /** How many seconds are heard at a time. */
  get seconds(): number {
    return this.maxSamples / this.samplingRate;
  }

  /** How many frames are heard at a time. */
  get frames(): number {
    return this.maxSamples / this.#spectrogram.config.hopLength;
  }

  /** How many frames a recording lasts. @param samples how long it is */
  framesOf(samples: number): number {
    return Math.ceil(samples / this.#spectrogram.config.hopLength);
  }

  /**
   * Frames of a whole recording, all of one loudness (N, bins): of one that is heard at a time as {@link extract} gives them. Others get to work between
   * pieces of it.
   *
   * @throws the reason of the signal, if it is aborted
   */
  async extractWhole(samples: Float32Array, signal?: AbortSignal): Promise<HostTensor2D> {
    const { numMelBins } = this.#spectrogram.config;
    const whole = samples.length <= this.maxSamples ? this.#filled(samples) : samples;
    const frames = this.#spectrogram.numFrames(whole.length);
    const logMel = new Float32Array(frames * numMelBins);
    for (let first = 0; first < frames; first += this.frames) {
      signal?.throwIfAborted();
      const piece = this.#spectrogram.compute(whole, first, Math.min(first + this.frames, frames));
      logMel.set(piece, first * numMelBins);
      await tf.nextFrame();
    }
    return this.#normalized(logMel);
  }

  extract(sound: MonoSound): WhisperRow {
    const samples = sound.samples(0, Math.min(sound.length, this.maxSamples));
    const inputFeatures = this.#normalized(this.#spectrogram.compute(this.#filled(samples)));
    const [frames] = inputFeatures.shape;
    if (!this.masks) return { inputFeatures };
    const recorded = Math.min(frames, this.framesOf(sound.length));
    const mask = { ...lengthMask([recorded], frames), shape: [frames] as const };
    return { inputFeatures, mask };
  }

  #filled(samples: Float32Array): Float32Array {
    const filled = new Float32Array(this.maxSamples).fill(this.#paddingValue);
    filled.set(samples);
    return filled;
  }

  #normalized(logMel: Float32Array): HostTensor2D {
    const { numMelBins } = this.#spectrogram.config;
    normalizeLogMel(logMel, 'whisper', numMelBins);
    return hostTensor(logMel, [logMel.length / numMelBins, numMelBins]);
  }

  collate(rows: readonly WhisperRow[]): WhisperFeatures {
    const inputFeatures = padAndStack(rows.map((row) => row.inputFeatures));
    const masks = rows.flatMap(({ mask }) => mask ?? []);
    return masks.length === 0 ? { inputFeatures } : { inputFeatures, mask: padAndStack(masks) };
  }

  /** All recordings are filled up, or cut, to one length. */
  shape() {
    return {};
  }
}
