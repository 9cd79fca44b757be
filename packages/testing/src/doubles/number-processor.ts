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

/** A number. */
export type NumberRow = { readonly value: HostScalar };

/** Those of P rows: (P). */
export type NumberFeatures = { readonly value: HostTensor1D };

/** Reads a finite number. */
class NumberProcessor implements Processor<unknown, NumberRow, NumberFeatures> {
  process(raw: unknown): NumberRow {
    if (typeof raw === 'number' && Number.isFinite(raw)) return { value: hostTensor(Float32Array.of(raw), []) };
    throw new SampleError({ expected: 'a finite number', received: describeValue(raw) });
  }

  collate(rows: readonly NumberRow[]): NumberFeatures {
    return { value: padAndStack(rows.map(({ value }) => value)) };
  }

  shape() {
    return {};
  }
}

/** The target of heads that estimate a number. */
export const numberTarget = defineProcessor({ config: z.object({}), create: () => new NumberProcessor() });
