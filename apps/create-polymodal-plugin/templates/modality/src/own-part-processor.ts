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
import { type RawOwnPart, readOwnPart } from './read-own-part.js';

const ownPartOptions = z.object({
  /** Numbers in a reading. */
  channels: z.int().positive().default(3),
  /** The usual size of each number, by which it is divided, so that the encoder is given values about 1. Default: all 1. */
  scale: z.array(z.number().positive()).optional(),
  /** Of a longer value the first so many readings are taken. */
  maxReadings: z.int().positive().default(512),
  /** Readings of a batch are padded to a multiple of this, so that few shapes occur. */
  bucketSize: z.int().positive().default(32),
});

/** The features of one value: (T, C). */
export type OwnPartRow = { readings: HostTensor2D };

/** Those of P values: (P, T, C), and which readings take part, (P, T). */
export type OwnPartFeatures = { readings: HostTensor3D; mask: HostTensor2D };

/** Makes features of raw values: it scales readings, cuts what is too long, and pads a batch to one length. */
export class OwnPartProcessor implements Processor<RawOwnPart, OwnPartRow, OwnPartFeatures> {
  readonly masks = { mask: ['readings'] };
  readonly channels: number;
  readonly #config: z.output<typeof ownPartOptions>;

  /**
   * @param where the slot in the config, for errors
   * @throws ConfigError for a scale that is not one number for each channel
   */
  constructor(config: z.output<typeof ownPartOptions>, where: string) {
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

  /** Makes no tensor, so that it may run ahead of training. @throws SampleError */
  process(raw: RawOwnPart): OwnPartRow {
    const { channels, scale, maxReadings } = this.#config;
    const taken = Array.isArray(raw) ? raw.slice(0, maxReadings) : raw; // what is cut off need not be read
    const values = readOwnPart(taken, channels).map((value, index) => value / (scale?.[index % channels] ?? 1));
    return { readings: hostTensor(values, [values.length / channels, channels]) };
  }

  collate(rows: readonly OwnPartRow[], lengths?: Lengths): OwnPartFeatures {
    const shapes = rows.map((row) => this.shape(row));
    const padded = commonLengths(shapes, lengths).readings; // the length that is asked for, or that of the longest row
    return {
      readings: padAndStack(
        rows.map((row) => row.readings),
        [padded, this.channels],
      ),
      mask: lengthMask(rows.map(numReadings), padded),
    };
  }

  /** The length may be padded up to that of other rows. What must be equal in a batch would be `fixed`. */
  shape(row: OwnPartRow) {
    return { lengths: { readings: bucketLength(numReadings(row), this.#config.bucketSize) } };
  }
}

/** The `processor` of encoders of the modality `own-part`. */
export const ownPartProcessor = defineProcessor({
  config: ownPartOptions,
  create: (config, { slot }) => new OwnPartProcessor(config, `encoders.${slot}`),
});

function numReadings({ readings }: OwnPartRow): number {
  return readings.shape[0];
}
