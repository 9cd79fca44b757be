import {
  defineProcessor,
  describeValue,
  type HostTensor1D,
  type HostTensor2D,
  hostTensor,
  type Processor,
  padAndStack,
  SampleError,
} from '@polymodal/core';
import { z } from 'zod';

const meaningOptions = z.object({
  /** Numbers of the vector. */
  size: z.int().positive(),
});

/** What somebody else understood of a value: a vector (D). */
export type MeaningRow = { readonly vector: HostTensor1D };
/** Of P values: (P, D). */
export type MeaningFeatures = { readonly vector: HostTensor2D };

/** Reads the vector that an encoder is to make of a value, as another one has made it. */
export class MeaningTarget implements Processor<Float32Array, MeaningRow, MeaningFeatures> {
  constructor(readonly options: z.output<typeof meaningOptions>) {}

  process(vector: Float32Array): MeaningRow {
    const { size } = this.options;
    if (!(vector instanceof Float32Array) || vector.length !== size || !vector.every(Number.isFinite)) {
      throw new SampleError({ expected: `${size} finite numbers in a Float32Array`, received: describeValue(vector) });
    }
    return { vector: hostTensor(vector, [size]) };
  }

  collate(rows: readonly MeaningRow[]): MeaningFeatures {
    return { vector: padAndStack(rows.map(({ vector }) => vector)) };
  }

  shape() {
    return {};
  }
}

/** The processor of {@link MeaningTarget}. */
export const meaningTarget = defineProcessor({
  config: meaningOptions,
  create: (options) => new MeaningTarget(options),
});
