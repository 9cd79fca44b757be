import type { Fused } from '@polymodal/core';
import type * as tf from '@tensorflow/tfjs-core';
import { readTensors, type Values } from './read-tensors';

/** A fused batch in host memory. */
export interface FusedValues {
  /** Tokens, mask and pooled vector, and what the fusion offers of `owner`, of `gates` and `usage` by slot, and the `ids` of a causal sequence. */
  readonly values: Values;
  /** The slots that `owner` means. */
  readonly slots: readonly string[];
}

/** Runs a fusion and copies its result to host memory, apart from `encoded`. */
export async function readFused(compute: () => Fused): Promise<FusedValues> {
  let slots: readonly string[] = [];
  const values = await readTensors(() => {
    const { tokens, mask, pooled, owner, gates = {}, usage = {}, causal } = compute();
    slots = owner?.slots ?? [];
    const bySlot = (part: string, values: Readonly<Record<string, tf.Tensor>>) =>
      Object.fromEntries(Object.entries(values).map(([slot, own]) => [`${part} of ${slot}`, own]));
    const shares = { ...bySlot('gates', gates), ...bySlot('usage', usage) };
    const own = { ...(owner && { owner: owner.map }), ...(causal && { ids: causal.ids }) };
    return { tokens, mask, pooled, ...own, ...shares };
  });
  return { values, slots };
}

/**
 * What a fusion made of one row: its pooled vector, and the tokens that take part, in order, by the slot that they came from where
 * the fusion tells that (else, and for those of none, under `other tokens`), how far its gates are open, and what it used.
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
  const shares = Object.entries(values).filter(([name]) => isShare(name));
  return {
    pooled: { shape: [pooled.shape[1]], data: vector(pooled.data, row, pooled.shape[1]) },
    ...Object.fromEntries(
      Object.entries(groups).map(([name, data]) => [name, { shape: [data.length / width, width], data }]),
    ),
    ...Object.fromEntries(
      shares.flatMap(([name, { shape, data }]) => {
        const own = vector(data, row, shape[1]);
        return own.some((share) => share !== 0) ? [[name, { shape: [shape[1]], data: own }]] : []; // nothing alike: not listed
      }),
    ),
  };
}

/** Whether something that was read of a fused batch tells how much of a slot there is: {@link Fused.gates}, {@link Fused.usage}. */
export function isShare(name: string): boolean {
  return /^(gates|usage) of /.test(name);
}

function vector(data: ArrayLike<number>, index: number, width: number): number[] {
  return Array.from({ length: width }, (_, position) => data[index * width + position]);
}
