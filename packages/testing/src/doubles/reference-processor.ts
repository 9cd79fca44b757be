import {
  bucketLength,
  defineProcessor,
  describeValue,
  type Features,
  hostTensor,
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

  collate(rows: readonly Features[]): Features {
    const lengths = rows.map(({ values }) => values.shape[0]);
    const length = bucketLength(Math.max(...lengths), this.bucketSize);
    return {
      values: padAndStack(
        rows.map(({ values }) => values),
        [length, stepSize],
      ),
      mask: lengthMask(lengths, length),
    };
  }

  bucket({ values }: Features): number {
    return bucketLength(values.shape[0], this.bucketSize);
  }
}

/** The processor of every reference encoder. */
export const referenceProcessor = defineProcessor({
  config: z.object({ bucketSize: z.int().positive().default(4) }),
  create: ({ bucketSize }) => new ReferenceProcessor(bucketSize),
});
