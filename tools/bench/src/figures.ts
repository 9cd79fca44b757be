/** What a contender needed. */
export interface Figures {
  /** Median over rounds of the median of each. */
  readonly ms: number;
  readonly peakRssBytes: number;
}

/** Ours ÷ the peer's; null without the peer. */
export function ratio<Figure extends string>(
  ours: Readonly<Record<Figure, number>>,
  peer: Readonly<Record<Figure, number>> | null,
  figure: Figure,
): number | null {
  return peer && ours[figure] / peer[figure];
}

/** For people. */
export function inWords({ ms, peakRssBytes }: Figures): string {
  return `${ms.toFixed(ms < 100 ? 2 : 0)} ms, ${(peakRssBytes / 2 ** 20).toFixed(0)} MiB`;
}
