import { requireArgument } from '@polymodal/core';

/** Bounds of a confidence interval. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** The 97.5 % quantile of the standard normal distribution, for intervals of 95 %. */
const z95 = 1.959963984540054;

/**
 * Confidence interval of a proportion (Wilson 1927): it stays within [0, 1] and holds for small counts.
 *
 * @param proportion observed, in [0, 1]
 * @param count number of trials
 */
export function wilsonInterval(proportion: number, count: number, z = z95): Interval {
  for (const value of [proportion, count, z])
    requireArgument(typeof value === 'number', 'wilsonInterval', 'a number', value);
  if (count === 0) return { low: 0, high: 1 };
  const share = (z * z) / count;
  const center = (proportion + share / 2) / (1 + share);
  const half = (z * Math.sqrt((proportion * (1 - proportion) + share / 4) / count)) / (1 + share);
  if (proportion === 0) return { low: 0, high: center + half }; // to which the difference rounds for some counts alone
  return { low: Math.max(0, center - half), high: Math.min(1, center + half) };
}
