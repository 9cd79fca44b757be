import type { RandomKey } from '@polymodal/core';

/** One of the names in `weights`, as often as their relative weights say; all weights 0 are taken as equal. */
export function drawWeighted<Name extends string>(weights: Readonly<Record<Name, number>>, key: RandomKey): Name {
  const names = Object.keys(weights) as Name[];
  const total = names.reduce((sum, name) => sum + weights[name], 0);
  if (total === 0) return names[key.integer(0, names.length)];
  let left = key.uniform(1)[0] * total;
  for (const name of names) {
    left -= weights[name];
    if (left < 0) return name;
  }
  return names.findLast((name) => weights[name] > 0)!; // rounding left a rest of the last one
}
