import type { Fused } from '@polymodal/core';
import { readTensors, type Values } from './read-tensors';

/** Where each modality's tokens lie on the second axis. */
type Spans = Fused['spans'];

/** A fused batch in host memory. */
export interface FusedValues {
  readonly values: Values;
  readonly spans: Spans;
}

/** Runs a fusion and copies its result to host memory. */
export async function readFused(compute: () => Fused): Promise<FusedValues> {
  let spans: Spans = {};
  const values = await readTensors(() => {
    const { tokens, mask, pooled, spans: found } = compute();
    spans = found;
    return { tokens, mask, pooled };
  });
  return { values, spans };
}

/**
 * What a fusion made of one row: its pooled vector, and the tokens that take part by the modality they belong to (those
 * outside of every span under `other tokens`), in order.
 */
export function fusedRow({ values, spans }: FusedValues, row: number): Values {
  const { tokens, mask, pooled } = values;
  const [, length, width] = tokens.shape;
  const groups: Record<string, number[]> = {};
  for (let token = 0; token < length; token++) {
    if (mask.data[row * length + token] !== 1) continue;
    const modality = Object.keys(spans).find((name) => spans[name][0] <= token && token < spans[name][1]);
    const group = modality === undefined ? 'other tokens' : `tokens of ${modality}`;
    groups[group] ??= [];
    groups[group].push(...vector(tokens.data, row * length + token, width));
  }
  return {
    pooled: { shape: [pooled.shape[1]], data: vector(pooled.data, row, pooled.shape[1]) },
    ...Object.fromEntries(
      Object.entries(groups).map(([name, data]) => [name, { shape: [data.length / width, width], data }]),
    ),
  };
}

function vector(data: ArrayLike<number>, index: number, width: number): number[] {
  return Array.from({ length: width }, (_, position) => data[index * width + position]);
}
