import {
  defineProcessor,
  describeValue,
  type Features,
  hostTensor,
  type Processor,
  padAndStack,
  SampleError,
} from '@polymodal/core';
import { z } from 'zod';

/** Reads a finite number. Feature: `value`, (P) of P rows. */
class NumberProcessor implements Processor {
  process(raw: unknown): Features {
    if (typeof raw === 'number' && Number.isFinite(raw)) return { value: hostTensor(Float32Array.of(raw), []) };
    throw new SampleError({ expected: 'a finite number', received: describeValue(raw) });
  }

  collate(rows: readonly Features[]): Features {
    return { value: padAndStack(rows.map(({ value }) => value)) };
  }

  shape() {
    return {};
  }
}

/** The target of heads that estimate a number. */
export const numberTarget = defineProcessor({ config: z.object({}), create: () => new NumberProcessor() });
