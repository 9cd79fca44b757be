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
  type Processor,
  padAndStack,
} from '@polymodal/core';
import { z } from 'zod';
import { type RawImu, readImu } from './read-imu.js';

const imuOptions = z.object({
  /** Values in a reading: three of an accelerometer and three of a gyroscope, say. */
  channels: z.int().positive().default(6),
  /** Hz that every recording is brought to. */
  rate: z.number().positive().default(50),
  /** The usual size of each channel, by which it is divided: [10, 10, 10, 4, 4, 4] for m/s² and rad/s, say. Default: all 1. */
  scale: z.array(z.number().positive()).optional(),
  /** A longer recording is cut to its first so many seconds. */
  maxSeconds: z.number().positive().default(10),
  /** Readings of a batch are padded to a multiple of this. */
  bucketSize: z.int().positive().default(32),
});

/** The features of a recording: (T, C). */
export type ImuRow = { readings: HostTensor2D };

/** Those of P recordings: (P, T, C), and which readings take part (P, T). */
export type ImuFeatures = { readings: HostTensor3D; mask: HostTensor2D };

/** Brings readings to one rate and scale. */
export class ImuProcessor implements Processor<RawImu, ImuRow, ImuFeatures> {
  readonly masks = { mask: ['readings'] };
  readonly channels: number;
  readonly #config: z.output<typeof imuOptions>;

  /** @throws ConfigError for a scale that is not one number for each channel */
  constructor(config: z.output<typeof imuOptions>, where: string) {
    this.channels = config.channels;
    this.#config = config;
    if (config.scale && config.scale.length !== config.channels) {
      throw new ConfigError({
        where: `${where}.scale`,
        expected: `${config.channels} numbers, one for each channel`,
        received: `${config.scale.length}`,
      });
    }
  }

  /** @throws SampleError */
  process(raw: RawImu): ImuRow {
    const { channels, rate, scale, maxSeconds } = this.#config;
    const recording = readImu(raw, channels);
    const last = recording.values.length / channels - 1;
    const duration = Math.min((last + 1) / recording.rate, maxSeconds);
    const length = Math.max(1, Math.round(duration * rate)); // T
    const values = new Float32Array(length * channels);
    for (let t = 0; t < length; t++) {
      const place = Math.min((t * recording.rate) / rate, last); // in between two readings: interpolated linearly
      const before = Math.floor(place);
      const after = Math.min(before + 1, last);
      for (let c = 0; c < channels; c++) {
        const a = recording.values[before * channels + c]!;
        const b = recording.values[after * channels + c]!;
        values[t * channels + c] = (a + (place - before) * (b - a)) / (scale?.[c] ?? 1);
      }
    }
    return { readings: hostTensor(values, [length, channels]) };
  }

  collate(rows: readonly ImuRow[], lengths?: Lengths): ImuFeatures {
    const shapes = rows.map((row) => this.shape(row));
    const padded = commonLengths(shapes, lengths).readings; // those asked for, or that of the longest row
    return {
      readings: padAndStack(
        rows.map((row) => row.readings),
        [padded, this.channels],
      ),
      mask: lengthMask(rows.map(numReadings), padded),
    };
  }

  shape(row: ImuRow) {
    return { lengths: { readings: bucketLength(numReadings(row), this.#config.bucketSize) } };
  }
}

/** The `processor` of encoders of the modality `imu`. */
export const imuProcessor = defineProcessor({
  config: imuOptions,
  create: (config, { slot }) => new ImuProcessor(config, `encoders.${slot}`),
});

function numReadings({ readings }: ImuRow): number {
  return readings.shape[0];
}
