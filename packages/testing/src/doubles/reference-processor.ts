import {
  bucketLength,
  commonLengths,
  defineProcessor,
  describeValue,
  type HostTensor2D,
  type HostTensor3D,
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

/** A signal: (L, 3). */
export type ReferenceRow = { readonly values: HostTensor2D };

/** P signals: (P, L, 3), and which steps take part: (P, L). */
export type ReferenceFeatures = { readonly values: HostTensor3D; readonly mask: HostTensor2D };

/** Reads a signal: a Float32Array of L steps with three finite numbers each. */
export class ReferenceProcessor implements Processor<unknown, ReferenceRow, ReferenceFeatures> {
  readonly lengthAxes = { values: { 1: 'steps' }, mask: { 1: 'steps' } };
  readonly masks = { mask: ['values'] };

  /** @param bucketSize rows are padded to a multiple of so many steps */
  constructor(readonly bucketSize: number) {}

  process(raw: unknown): ReferenceRow {
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

  collate(rows: readonly ReferenceRow[], lengths?: Lengths): ReferenceFeatures {
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

  shape({ values }: ReferenceRow) {
    return { lengths: { steps: bucketLength(values.shape[0], this.bucketSize) } };
  }
}

/** The processor of every reference encoder. */
export const referenceProcessor = defineProcessor({
  config: z.object({ bucketSize: z.int().positive().default(4) }),
  create: ({ bucketSize }) => new ReferenceProcessor(bucketSize),
});
