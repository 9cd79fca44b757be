import {
  bucketLength,
  commonLengths,
  defineProcessor,
  describeValue,
  type Features,
  hostTensor,
  type Lengths,
  lengthMask,
  type Processor,
  padAndStack,
  SampleError,
} from '@polymodal/core';
import { z } from 'zod';

/** Numbers to a step of the signal that the doubles read. */
export const stepSize = 3;

/** Reads a signal: a Float32Array of L steps with three finite numbers each. */
export class ReferenceProcessor implements Processor {
  readonly lengthAxes = { values: { 1: 'steps' }, mask: { 1: 'steps' } };
  readonly masks = { mask: ['values'] };

  /** @param bucketSize rows are padded to a multiple of so many steps */
  constructor(readonly bucketSize: number) {}

  process(raw: unknown): Features {
    if (
      !(raw instanceof Float32Array) ||
      raw.length === 0 ||
      raw.length % stepSize > 0 ||
      !raw.every(Number.isFinite)
    ) {
      throw new SampleError({ expected: 'a Float32Array of finite numbers, 3 a step', received: describeValue(raw) });
    }
    return { values: hostTensor(raw.slice(), [raw.length / stepSize, stepSize]) };
  }

  collate(rows: readonly Features[], lengths?: Lengths): Features {
    const values = rows.map((row) => row.values);
    const { steps } = commonLengths(
      rows.map((row) => this.shape(row)),
      lengths,
    );
    const mask = lengthMask(
      values.map(({ shape }) => shape[0]),
      steps,
    );
    return { values: padAndStack(values, [steps, stepSize]), mask };
  }

  shape({ values }: Features) {
    return { lengths: { steps: bucketLength(values.shape[0], this.bucketSize) } };
  }
}

/** The processor of every reference encoder. */
export const referenceProcessor = defineProcessor({
  config: z.object({ bucketSize: z.int().positive().default(4) }),
  create: ({ bucketSize }) => new ReferenceProcessor(bucketSize),
});
