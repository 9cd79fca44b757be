import type { HeadFigures, ModelFigures } from '@polymodal/trainer';
import { textTable } from '../command/text-table';
import type { Guesses } from './guesses';

/**
 * The figures of each head, with intervals of 95 % where there are any.
 *
 * @param guessed what comes of looking at nothing, to stand beside
 */
export function figuresTable(figures: ModelFigures, guessed: Guesses = {}): string {
  const rows = Object.entries(figures).flatMap(([head, own]) =>
    Object.keys(own.metrics).map((metric) => [
      head,
      metric,
      figureText(own.metrics[metric]),
      intervalText(own, metric),
      own.count,
    ]),
  );
  const head = ['head', 'figure', 'value', '95 % interval', 'answers'];
  if (Object.keys(guessed).length === 0) return textTable([head, ...rows]);
  const beside = rows.map((row) => [...row, guess(guessed, String(row[0]), String(row[1]))]);
  return `${textTable([[...head, 'guess'], ...beside])}\n\nguess: always the most frequent class, the median (mae) or mean (rmse) of what it learned from.`;
}

function guess(guessed: Guesses, head: string, metric: string): string {
  const value = guessed[head]?.[metric];
  return value === undefined ? '' : figureText(value);
}

/** `0.61 – 0.72`; empty where there is none. */
export function intervalText({ intervals }: HeadFigures, metric: string): string {
  const own = intervals[metric];
  return own ? `${figureText(own.low)} – ${figureText(own.high)}` : '';
}

/** Below it a figure is what sums leave of 0. */
const rounding = 1e-12;

/** Four digits. */
export function figureText(value: number): string {
  if (!Number.isFinite(value)) return '–';
  return String(Math.abs(value) < rounding ? 0 : Number(value.toPrecision(4)));
}
