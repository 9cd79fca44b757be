import {
  defineProcessor,
  describeValue,
  type HostScalar,
  type HostTensor1D,
  hostTensor,
  type Processor,
  padAndStack,
  SampleError,
} from '@polymodal/core';
import { z } from 'zod';

const ownPartTargetOptions = z.object({
  /** The usual size of the numbers, in which they are learned: 100 for prices of a few hundred, say. */
  scale: z.number().positive().default(1),
});

/** One number, in units of the scale. */
export type OwnPartRow = { amount: HostScalar };

/** Those of P rows: (P). */
export type OwnPartFeatures = { amount: HostTensor1D };

/** Reads what is to be learned: a finite number. */
export class OwnPartTarget implements Processor<unknown, OwnPartRow, OwnPartFeatures> {
  constructor(readonly scale: number) {}

  /** Makes no tensor, so that it may run ahead of training. @throws SampleError */
  process(raw: unknown): OwnPartRow {
    // Beyond the range of 32 bits a number would become infinite.
    if (typeof raw !== 'number' || !Number.isFinite(Math.fround(raw / this.scale))) {
      throw new SampleError({
        expected: 'a finite number',
        received: describeValue(raw),
        hint: 'Leave the target out of a sample where it is not known.',
      });
    }
    return { amount: hostTensor(Float32Array.of(raw / this.scale), []) };
  }

  collate(rows: readonly OwnPartRow[]): OwnPartFeatures {
    return { amount: padAndStack(rows.map((row) => row.amount)) };
  }

  /** All numbers have one shape. */
  shape() {
    return {};
  }
}

/** The target of the head `own-part`. */
export const ownPartTarget = defineProcessor({
  config: ownPartTargetOptions,
  create: ({ scale }) => new OwnPartTarget(scale),
});
