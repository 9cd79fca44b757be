import type { Fused } from '@polymodal/core';
import type * as tf from '@tensorflow/tfjs-core';
import { readTensors, type Values } from './read-tensors';

/** A fused batch in host memory. */
export interface FusedValues {
  /** Tokens, mask and pooled vector, and what the fusion offers of `owner`, and of `gates` by slot. */
  readonly values: Values;
  /** The slots that `owner` means. */
  readonly slots: readonly string[];
}

/** Runs a fusion and copies its result to host memory, apart from `encoded`. */
export async function readFused(compute: () => Fused): Promise<FusedValues> {
  let slots: readonly string[] = [];
  const values = await readTensors(() => {
    const { tokens, mask, pooled, owner, gates = {} } = compute();
    slots = owner?.slots ?? [];
    const openings = Object.entries(gates).map(([slot, open]): [string, tf.Tensor] => [`gates of ${slot}`, open]);
    return { tokens, mask, pooled, ...(owner && { owner: owner.map }), ...Object.fromEntries(openings) };
  });
  return { values, slots };
}

/**
 * What a fusion made of one row: its pooled vector, and the tokens that take part, in order, by the slot that they came from where
 * the fusion tells that (else, and for those of none, under `other tokens`), and how far its gates are open.
 */
export function fusedRow({ values, slots }: FusedValues, row: number): Values {
  const { tokens, mask, pooled, owner } = values;
  const [, length, width] = tokens.shape;
  const groups: Record<string, number[]> = {};
  for (let token = 0; token < length; token++) {
    const place = row * length + token;
    if (mask.data[place] !== 1) continue;
    const slot = slots[owner?.data[place] ?? -1];
    const group = slot === undefined ? 'other tokens' : `tokens of ${slot}`;
    groups[group] ??= [];
    groups[group].push(...vector(tokens.data, place, width));
  }
  const gates = Object.entries(values).filter(([name]) => name.startsWith('gates of '));
  return {
    pooled: { shape: [pooled.shape[1]], data: vector(pooled.data, row, pooled.shape[1]) },
    ...Object.fromEntries(
      Object.entries(groups).map(([name, data]) => [name, { shape: [data.length / width, width], data }]),
    ),
    ...Object.fromEntries(
      gates.flatMap(([name, { shape, data }]) => {
        const own = vector(data, row, shape[1]);
        return own.some((open) => open !== 0) ? [[name, { shape: [shape[1]], data: own }]] : []; // shut alike: not listed
      }),
    ),
  };
}

function vector(data: ArrayLike<number>, index: number, width: number): number[] {
  return Array.from({ length: width }, (_, position) => data[index * width + position]);
}
