import {
  bucketLength,
  ConfigError,
  commonLengths,
  defineProcessor,
  type HostTensor2D,
  type HostTensor3D,
  hostTensor,
  type Lengths,
  lengthMask,
  type ProcessContext,
  type Processor,
  padAndStack,
} from '@polymodal/core';
import { z } from 'zod';
import type { Sound } from './augmentation/sound';
import { type LogMelConfig, LogMelSpectrogram } from './log-mel-spectrogram';
import { normalizeLogMel } from './normalize-log-mel';
import { type RawAudio, readRecording } from './read-recording';
import { mixToMono } from './recording';
import { resample } from './resample';

const audioOptions = z.object({
  /** Hz that every recording is resampled to. */
  sampleRate: z.int().min(1000).max(192_000).default(16_000),
  numMelBins: z.int().min(1).max(512).default(80),
  /** Samples in a window. Default: 25 ms. */
  windowLength: z.int().min(2).optional(),
  /** Samples from one frame to the next. Default: 10 ms. */
  hopLength: z.int().min(1).optional(),
  /** Samples in a Fourier transform, any number from `windowLength` up. Default: the next power of two. */
  fftSize: z.int().min(2).max(65_536).optional(),
  /** Lowest and highest frequency in Hz. Default: 0 to half of the sample rate. */
  fMin: z.number().min(0).default(0),
  fMax: z.number().positive().optional(),
  melScale: z.enum(['slaney', 'htk']).default('slaney'),
  melNorm: z.enum(['slaney', 'none']).default('slaney'),
  /** What is done to the values of one recording: see `LogMelNormalization`. */
  normalization: z.enum(['recording', 'bands', 'whisper', 'none']).default('recording'),
  /** A longer recording is cut to its first so many seconds. */
  maxSeconds: z.number().positive().default(30),
  /** Frames of a batch are padded to a multiple of this. */
  bucketSize: z.int().min(1).default(32),
});

/** Options of the audio processor, defaults filled in. */
export type AudioProcessorConfig = z.output<typeof audioOptions>;

/** The features of a recording: (F, M). */
export type AudioRow = { readonly logMel: HostTensor2D };

/** Those of P recordings. */
export type AudioFeatures = {
  /** (P, F, M) */
  readonly logMel: HostTensor3D;
  /** (P, F), 1 = takes part. */
  readonly mask: HostTensor2D;
};

/** Turns sound into log-mel frames: decode, mix to mono, resample, cut, transform, normalise. */
export class AudioProcessor implements Processor<RawAudio, AudioRow, AudioFeatures> {
  readonly masks = { mask: ['logMel'] };
  readonly #spectrogram: LogMelSpectrogram;

  /** @throws ConfigError for options that contradict one another */
  constructor(
    readonly config: AudioProcessorConfig,
    where = '',
  ) {
    this.#spectrogram = new LogMelSpectrogram(logMelConfig(config, where), where);
  }

  get numMelBins(): number {
    return this.config.numMelBins;
  }

  /** Seconds from one frame to the next. */
  get frameSeconds(): number {
    return hopLengthOf(this.config) / this.config.sampleRate;
  }

  /** A recording as far as it is heard: mono, and resampled. @throws SampleError for what {@link readRecording} cannot read */
  async read(raw: RawAudio, context: ProcessContext = { training: false }): Promise<Sound> {
    const { sampleRate, maxSeconds } = this.config;
    const recording = await readRecording(raw, (rate) => Math.max(1, Math.round(maxSeconds * rate)), context);
    return { samples: resample(mixToMono(recording), recording.sampleRate, sampleRate), sampleRate };
  }

  /** @throws SampleError for what {@link readRecording} cannot read */
  async process(raw: RawAudio, context: ProcessContext = { training: false }): Promise<AudioRow> {
    const { normalization, numMelBins } = this.config;
    const { samples } = await this.read(raw, context);
    const logMel = this.#spectrogram.compute(samples);
    normalizeLogMel(logMel, normalization, numMelBins);
    return { logMel: hostTensor(logMel, [logMel.length / numMelBins, numMelBins]) };
  }

  collate(rows: readonly AudioRow[], lengths?: Lengths): AudioFeatures {
    const { frames } = commonLengths(
      rows.map((row) => this.shape(row)),
      lengths,
    );
    return {
      logMel: padAndStack(
        rows.map((row) => row.logMel),
        [frames, this.config.numMelBins],
      ),
      mask: lengthMask(rows.map(numFrames), frames),
    };
  }

  shape(features: AudioRow) {
    return { lengths: { frames: bucketLength(numFrames(features), this.config.bucketSize) } };
  }
}

/** The `processor` of audio encoders. */
export const audioProcessor = defineProcessor({
  config: audioOptions,
  create: (config, { slot }) => new AudioProcessor(config, `encoders.${slot}`),
});

function numFrames(features: AudioRow): number {
  return features.logMel.shape[0];
}

function logMelConfig(config: AudioProcessorConfig, where: string): LogMelConfig {
  const { sampleRate, numMelBins, fMin, melScale, melNorm } = config;
  const windowLength = config.windowLength ?? Math.round(0.025 * sampleRate);
  const hopLength = hopLengthOf(config);
  const fftSize = config.fftSize ?? 2 ** Math.ceil(Math.log2(windowLength));
  const fMax = config.fMax ?? sampleRate / 2;
  const require = (holds: boolean, option: string, expected: string, received: number) => {
    if (holds) return;
    const place = where ? `${where}.${option}` : option;
    throw new ConfigError({ where: place, expected, received: String(received) });
  };
  require(fftSize >= windowLength, 'fftSize', `at least the window's ${windowLength} samples`, fftSize);
  require(fMax <= sampleRate / 2, 'fMax', `at most half of the sample rate, ${sampleRate / 2} Hz`, fMax);
  require(fMin < fMax, 'fMin', `less than fMax, ${fMax} Hz`, fMin);
  return { sampleRate, numMelBins, windowLength, hopLength, fftSize, fMin, fMax, melScale, melNorm };
}

function hopLengthOf({ hopLength, sampleRate }: AudioProcessorConfig): number {
  return hopLength ?? Math.round(0.01 * sampleRate);
}
