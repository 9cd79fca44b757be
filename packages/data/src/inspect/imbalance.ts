/** What counts should not differ by more than, if a model is to treat alike what they count. */
export const imbalanceGuide = 0.15;

/** (max − min) / max of some counts: 0 where they are equal, 1 where one of them is 0. */
export function imbalance(counts: Readonly<Record<string, number>>): number {
  const values = Object.values(counts);
  const most = Math.max(0, ...values);
  return most === 0 ? 0 : (most - Math.min(...values)) / most;
}
