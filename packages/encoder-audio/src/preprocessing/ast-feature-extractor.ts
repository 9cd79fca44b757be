import { type HostTensor2D, type HostTensor3D, hostTensor, padAndStack, parseConfig } from '@polymodal/core';
import { optional } from '@polymodal/hub';
import { z } from 'zod';
import type { FeatureExtractor, MonoSound } from './feature-extractor';
import { featureExtractorOptions, option } from './feature-extractor-options';
import { KaldiFilterBank } from './kaldi-filter-bank';

const astOptions = featureExtractorOptions(
  {
    feature_size: option.only(1),
    sampling_rate: option.only(16_000), // with others Python has two answers, with torchaudio and without
    num_mel_bins: option.count(128),
    max_length: option.count(1024),
    do_normalize: option.flag(true),
    mean: option.number(-4.2677393),
    std: optional(z.number().positive(), 4.5689974),
  },
  ['padding_value', 'return_attention_mask', 'padding', 'truncation'], // Python does nothing with them
);

/** The features of a recording: (frames, bins). */
type AstRow = { readonly inputFeatures: HostTensor2D };

/** Those of P recordings: (P, frames, bins). */
export type AstFeatures = { readonly inputFeatures: HostTensor3D };

/**
 * Log-mel frames of Kaldi, filled up with zeros or cut to one length, then normalised (HF `ASTFeatureExtractor`; Gong et al.
 * 2021, section 2.1): `inputFeatures` (P, frames, bins), which Python calls `input_values`.
 */
export class AstFeatureExtractor implements FeatureExtractor {
  readonly samplingRate = 16_000;
  readonly minSamples: number;
  readonly maxSamples: number;
  readonly #filterBank: KaldiFilterBank;
  readonly #maxLength: number;
  readonly #mean: number;
  readonly #scale: number;

  /** @throws ConfigError for options that are unknown or not implemented */
  constructor(content: unknown) {
    const options = parseConfig(astOptions, content, '');
    this.#filterBank = new KaldiFilterBank(options.num_mel_bins);
    this.minSamples = this.#filterBank.minSamples;
    this.maxSamples = this.#filterBank.samplesOf(options.max_length);
    this.#maxLength = options.max_length;
    this.#mean = options.do_normalize ? options.mean : 0;
    this.#scale = options.do_normalize ? 1 / (2 * options.std) : 1;
  }

  extract(sound: MonoSound): AstRow {
    const { numMelBins } = this.#filterBank;
    const filled = new Float32Array(this.#maxLength * numMelBins);
    const samples = sound.samples(0, Math.min(sound.length, this.maxSamples));
    filled.set(this.#filterBank.compute(samples, this.#maxLength));
    const inputFeatures = filled.map((value) => (value - this.#mean) * this.#scale);
    return { inputFeatures: hostTensor(inputFeatures, [this.#maxLength, numMelBins]) };
  }

  collate(rows: readonly AstRow[]): AstFeatures {
    return { inputFeatures: padAndStack(rows.map(({ inputFeatures }) => inputFeatures)) };
  }

  /** All recordings are filled up, or cut, to one length. */
  shape() {
    return {};
  }
}
