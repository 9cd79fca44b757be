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

/** Two numbers that are equal for equal values. */
export type MatchRow = { readonly group: HostTensor1D };

/** Those of P rows: (P, 2). */
export type MatchFeatures = { readonly group: HostTensor2D };

/** Reads what makes samples match: the same string, number or boolean. */
export class MatchProcessor implements Processor<unknown, MatchRow, MatchFeatures> {
  /** @throws SampleError for a value that no other can equal: an object, or NaN */
  process(raw: unknown): MatchRow {
    if (!isComparable(raw)) {
      throw new SampleError({
        expected: 'a string, a number or a boolean, whose equals make samples match',
        received: describeValue(raw),
      });
    }
    return { group: hostTensor(hash64(`${typeof raw} ${raw}`), [2]) };
  }

  collate(rows: readonly MatchRow[]): MatchFeatures {
    return { group: padAndStack(rows.map(({ group }) => group)) };
  }

  shape() {
    return {};
  }
}

/** The value that {@link MatchProcessor} read, as something that equals another where the values are equal. */
export function groupOf({ group }: MatchRow): string {
  return `${group.data[0]} ${group.data[1]}`;
}

/** The target of heads that align what matches. */
export const matchTarget = defineProcessor({ config: z.object({}), create: () => new MatchProcessor() });

function isComparable(value: unknown): boolean {
  return ['string', 'boolean', 'bigint'].includes(typeof value) || (typeof value === 'number' && !Number.isNaN(value));
}

/** 64 bits, so that two of a million different values are taken for equal with a chance of 3 · 10⁻⁸: FNV-1a over UTF-16. */
function hash64(text: string): Int32Array {
  let hash = 0xcbf29ce484222325n;
  for (let i = 0; i < text.length; i++) hash = BigInt.asUintN(64, (hash ^ BigInt(text.charCodeAt(i))) * 0x100000001b3n);
  return Int32Array.of(Number(BigInt.asIntN(32, hash)), Number(BigInt.asIntN(32, hash >> 32n)));
}
