import {
  ConfigError,
  type HostScalar,
  type HostTensor1D,
  type HostTensor3D,
  type HostTensor4D,
  hostTensor,
  type ProcessContext,
  padAndStack,
  parseConfig,
} from '@polymodal/core';
import { optional } from '@polymodal/hub';
import { z } from 'zod';
import { LogMelSpectrogram } from '../log-mel-spectrogram';
import { choose } from './choose';
import type { FeatureExtractor, MonoSound } from './feature-extractor';
import { featureExtractorOptions, option } from './feature-extractor-options';
import { fillings, fillUp } from './fill-up';
import { fuseFrames } from './fuse-frames';

const clapOptions = featureExtractorOptions(
  {
    feature_size: option.count(64),
    sampling_rate: option.count(48_000),
    hop_length: option.count(480),
    max_length_s: option.count(10),
    fft_window_size: option.fftSize(1024),
    frequency_min: option.number(0),
    frequency_max: option.number(14_000),
    truncation: optional(z.enum(['fusion', 'rand_trunc']), 'fusion'),
    padding: optional(z.enum(fillings), 'repeatpad'),
  },
  // Python keeps these and does nothing with them, or computes them from the others.
  [
    ...['top_db', 'padding_value', 'return_attention_mask', 'chunk_length_s', 'n_fft', 'max_length'],
    ...['nb_frequency_bins', 'nb_max_frames', 'nb_max_samples'],
  ],
);

/** The features of a recording: (C, frames, bins), and whether it was too long. */
type ClapRow = { readonly inputFeatures: HostTensor3D; readonly isLonger: HostScalar };

/** Those of P recordings, as CLAP reads them. */
export type ClapFeatures = {
  /** (P, C, frames, bins) */
  readonly inputFeatures: HostTensor4D;
  /** (P), 1 for a recording that was too long. A model without fusion does not need it. */
  readonly isLonger?: HostTensor1D;
};

/**
 * Mel spectrograms in decibels of recordings of one length (HF `ClapFeatureExtractor`; Wu et al. 2023, section 2.3):
 * `inputFeatures` (P, C, frames, bins) and `isLonger` (P), 1 for a recording that was too long.
 *
 * With `truncation` "fusion" the C = 4 channels are the whole recording and a part from the front, the middle and the back of
 * it; with "rand_trunc" the one is a part. Python draws where parts begin; here that is drawn in training alone, and is the
 * middle of what Python draws from else.
 */
export class ClapFeatureExtractor implements FeatureExtractor {
  readonly samplingRate: number;
  readonly minSamples = 1;
  readonly #fuses: boolean;
  readonly #filling: (typeof fillings)[number];
  readonly #length: number;
  readonly #spectrogram: LogMelSpectrogram;

  /** @throws ConfigError for options that are unknown or not implemented */
  constructor(content: unknown) {
    const options = parseConfig(clapOptions, content, '');
    checkBands(options.frequency_min, options.frequency_max, options.sampling_rate);
    this.samplingRate = options.sampling_rate;
    this.#fuses = options.truncation === 'fusion';
    this.#filling = options.padding;
    this.#length = options.max_length_s * options.sampling_rate;
    this.#spectrogram = new LogMelSpectrogram({
      sampleRate: options.sampling_rate,
      windowLength: options.fft_window_size,
      hopLength: options.hop_length,
      fftSize: options.fft_window_size,
      numMelBins: options.feature_size,
      fMin: options.frequency_min,
      fMax: options.frequency_max,
      ...(this.#fuses ? { melScale: 'htk', melNorm: 'none' } : { melScale: 'slaney', melNorm: 'slaney' }),
      emptyBands: 'silence',
      endFrame: true,
    });
  }

  extract(sound: MonoSound, { key }: Pick<ProcessContext, 'key'>): ClapRow {
    const { numMelBins } = this.#spectrogram.config;
    const frames = this.#spectrogram.numFrames(this.#length);
    const longer = sound.length > this.#length;
    if (!longer || !this.#fuses) {
      const start = longer ? choose(0, sound.length - this.#length, key) : 0;
      const part = longer
        ? sound.samples(start, start + this.#length)
        : fillUp(sound.samples(0, sound.length), this.#length, this.#filling);
      const decibels = this.#decibels(part);
      return features(this.#fuses ? [decibels, decibels, decibels, decibels] : [decibels], frames, longer);
    }
    const decibels = this.#decibels(sound.samples(0, sound.length));
    const total = decibels.length / numMelBins;
    if (total === frames) return features([decibels, decibels, decibels, decibels], frames, false);
    return features(fuseFrames(decibels, total, frames, key), frames, true);
  }

  /** As in Python, where nothing is longer, one recording of a batch passes for it: there at random, here the first. */
  collate(rows: readonly ClapRow[]): ClapFeatures {
    const inputFeatures = padAndStack(rows.map((row) => row.inputFeatures));
    const isLonger = padAndStack(rows.map((row) => row.isLonger));
    if (this.#fuses && !isLonger.data.includes(1)) isLonger.data[0] = 1;
    return { inputFeatures, isLonger };
  }

  /** All recordings are filled up, or cut, to one length. */
  shape() {
    return {};
  }

  /** (frames, bins) */
  #decibels(samples: Float32Array): Float32Array {
    return this.#spectrogram.compute(samples).map((bel) => 10 * bel);
  }
}

function features(channels: readonly Float32Array[], frames: number, longer: boolean): ClapRow {
  const size = channels[0].length;
  const values = new Float32Array(channels.length * size);
  channels.forEach((channel, index) => values.set(channel, index * size));
  return {
    inputFeatures: hostTensor(values, [channels.length, frames, size / frames]),
    isLonger: hostTensor(Float32Array.of(longer ? 1 : 0), []),
  };
}

function checkBands(low: number, high: number, samplingRate: number): void {
  const fail = (where: string, expected: string, received: number) =>
    new ConfigError({ where, expected, received: String(received) });
  if (high > samplingRate / 2) {
    throw fail('frequency_max', `at most half of the sampling_rate, ${samplingRate / 2} Hz`, high);
  }
  if (low < 0 || low >= high) throw fail('frequency_min', `less than frequency_max, ${high} Hz, and not negative`, low);
}
