/** How long values are. */
export interface LengthSummary {
  /** What is counted: `letters`, `bytes`, `seconds`, `pixels` … */
  readonly unit: string;
  readonly count: number;
  readonly least: number;
  readonly median: number;
  readonly mean: number;
  /** 95 of 100 are at most this. */
  readonly p95: number;
  readonly most: number;
}

/** @param values at least one */
export function lengthSummary(values: readonly number[], unit: string): LengthSummary {
  const sorted = Float64Array.from(values).sort();
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)];
  return {
    unit,
    count: sorted.length,
    least: sorted[0],
    median: at(0.5),
    mean: sorted.reduce((sum, value) => sum + value, 0) / sorted.length,
    p95: at(0.95),
    most: sorted[sorted.length - 1],
  };
}
