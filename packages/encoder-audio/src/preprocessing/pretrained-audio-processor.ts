import {
  ConfigError,
  type FeatureMasks,
  type FeatureShape,
  type Features,
  type Lengths,
  type ProcessContext,
  type Processor,
  parseConfig,
  SampleError,
} from '@polymodal/core';
import { z } from 'zod';
import type { Sound } from '../augmentation/sound';
import { type RawAudio, readRecording } from '../read-recording';
import { mixToMono } from '../recording';
import { resample, resampledLength, samplesNeeded } from '../resample';
import { AstFeatureExtractor } from './ast-feature-extractor';
import { ClapFeatureExtractor } from './clap-feature-extractor';
import { maxSecondsName, seconds } from './cuts-recordings';
import type { FeatureExtractor, MonoSound } from './feature-extractor';
import { type FeatureExtractorType, featureExtractorType } from './feature-extractor-type';
import { Wav2Vec2FeatureExtractor } from './wav2vec2-feature-extractor';
import { WhisperFeatureExtractor } from './whisper-feature-extractor';

/** What a `preprocessor_config.json` does not say. */
export interface PretrainedAudioProcessorSettings {
  /** The class whose defaults hold in a file that names none. */
  readonly type?: FeatureExtractorType;
  /**
   * Whether there is a `mask`, as the argument of Python's extractors. Default: for wav2vec 2.0 and HuBERT true, for Whisper
   * what the file says; AST and CLAP have none.
   */
  readonly returnAttentionMask?: boolean;
  /** Samples that the model needs for a frame, of wav2vec 2.0 and HuBERT. Default: 400. */
  readonly minSamples?: number;
}

const extractors: Readonly<
  Record<FeatureExtractorType, new (content: unknown, settings: PretrainedAudioProcessorSettings) => FeatureExtractor>
> = {
  Wav2Vec2FeatureExtractor,
  WhisperFeatureExtractor,
  ASTFeatureExtractor: AstFeatureExtractor,
  ClapFeatureExtractor,
};

/** Seconds of the longest recording that is heard whole where nothing says how much of one is to be. */
const mostSeconds = 300;

const namedType = z.looseObject({
  feature_extractor_type: z.string().nullish(),
  [maxSecondsName]: seconds.optional(),
});

/**
 * Sound to what a pretrained model takes, as a `preprocessor_config.json` of Hugging Face says and as its feature extractors
 * compute it: read, mixed to mono, resampled to `sampling_rate`, transformed. Features by the class of the extractor:
 *
 * - `Wav2Vec2FeatureExtractor`: `inputValues` (P, T), `mask` (P, T);
 * - `WhisperFeatureExtractor`: `inputFeatures` (P, frames, bins), perhaps `mask` (P, frames);
 * - `ASTFeatureExtractor`: `inputFeatures` (P, frames, bins);
 * - `ClapFeatureExtractor`: `inputFeatures` (P, C, frames, bins), `isLonger` (P).
 *
 * Whisper's and AST's hear a fixed length and wav2vec 2.0's and CLAP's the whole: of more than five minutes only where
 * `max_length_seconds` says of how many seconds (the option `maxLength` of a slot), and else a recording is refused.
 */
export class PretrainedAudioProcessor implements Processor<RawAudio> {
  readonly type: FeatureExtractorType;
  readonly masks?: FeatureMasks;
  readonly #extractor: FeatureExtractor;
  /** Seconds that are heard of a longer recording, where that is said. */
  readonly #maxSeconds: number | undefined;

  /**
   * @param content of a `preprocessor_config.json`, parsed as JSON
   * @throws ConfigError for options that are unknown or not implemented, UnknownNameError for another class
   */
  constructor(content: unknown, settings: PretrainedAudioProcessorSettings = {}) {
    const { [maxSecondsName]: maxSeconds, ...options } = parseConfig(namedType, content, '');
    const { feature_extractor_type: name } = options;
    this.type = featureExtractorType(name ?? undefined, settings.type);
    const extractor = new extractors[this.type](options, settings);
    this.#extractor = extractor;
    if (extractor.masks) this.masks = extractor.masks;
    this.#maxSeconds = maxSeconds;
    if (maxSeconds !== undefined && maxSeconds * extractor.samplingRate < extractor.minSamples) {
      const expected = `at least ${extractor.minSamples / extractor.samplingRate} seconds, which are one frame`;
      throw new ConfigError({ where: 'maxLength', expected, received: `${maxSeconds}` });
    }
  }

  /** Hz that every recording is resampled to. */
  get samplingRate(): number {
    return this.#extractor.samplingRate;
  }

  /** @throws SampleError for what {@link readRecording} cannot read, and for recordings that are too short or too long */
  async process(raw: RawAudio, context: ProcessContext): Promise<Features> {
    const { samplingRate, minSamples } = this.#extractor;
    const sound = await this.#heard(raw, context);
    if (sound.length < minSamples) {
      throw new SampleError({
        expected: `at least ${minSamples} samples at ${samplingRate} Hz, which are one frame`,
        received: String(sound.length),
        hint: 'Fill shorter recordings up with silence, or leave them out.',
      });
    }
    return this.#extractor.extract(sound, context);
  }

  /** A recording as far as it is heard: mono, and resampled. @throws SampleError as {@link process} */
  async read(raw: RawAudio, context: ProcessContext): Promise<Sound> {
    const { samplingRate, maxSamples = Infinity } = this.#extractor;
    const sound = await this.#heard(raw, context);
    return { samples: sound.samples(0, Math.min(sound.length, maxSamples)), sampleRate: samplingRate };
  }

  async #heard(raw: RawAudio, context: ProcessContext): Promise<MonoSound> {
    const { samplingRate, maxSamples = Infinity } = this.#extractor;
    const longest = Math.floor((this.#maxSeconds ?? Infinity) * samplingRate);
    const heard = Math.min(longest, maxSamples);
    const mostWhole = mostSeconds * samplingRate;
    const wanted = heard === Infinity ? mostWhole + 1 : heard;
    const recording = await readRecording(raw, (rate) => samplesNeeded(wanted, rate, samplingRate), context);
    const sound = resampled(mixToMono(recording), recording.sampleRate, samplingRate, longest);
    if (heard === Infinity && sound.length > mostWhole) throw tooLong(recording.sampleRate);
    return sound;
  }

  collate(rows: readonly Features[], lengths?: Lengths): Features {
    return this.#extractor.collate(rows, lengths);
  }

  shape(features: Features): FeatureShape {
    return this.#extractor.shape(features);
  }
}

function tooLong(sampleRate: number): SampleError {
  return new SampleError({
    expected: `a recording of at most ${mostSeconds} seconds, since the model hears all of it`,
    received: `a longer one, at ${sampleRate} Hz`,
    hint:
      'Say how many of its first seconds are to be heard, with maxLength in the slot or max_length_seconds in ' +
      'preprocessor_config.json, or cut it into parts.',
  });
}

/** Resampled where an extractor listens, and only there; at most `longest` samples. */
function resampled(mono: Float32Array, from: number, to: number, longest: number): MonoSound {
  const length = Math.min(longest, resampledLength(mono.length, from, to));
  return { length, samples: (start, end) => resample(mono, from, to, { start, end }) };
}
