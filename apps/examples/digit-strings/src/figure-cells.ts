import type { StringFigures } from './judge';

/** The columns of {@link figureCells}. */
export const columns = ['word error rate', 'of 95 %', 'right as a whole', 'begins, off by'];

/** Figures as text. */
export function figureCells({ wordErrorRate, interval: [low, high], right, secondsOff }: StringFigures): string[] {
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  return [percent(wordErrorRate), `${percent(low)} to ${percent(high)}`, percent(right), `${secondsOff.toFixed(2)} s`];
}
