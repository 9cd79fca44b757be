import type { HeadFigures, ModelFigures } from '@polymodal/trainer';
import { textTable } from '../command/text-table';

/** The figures of each head, with intervals of 95 % where there are any. */
export function figuresTable(figures: ModelFigures): string {
  const rows = Object.entries(figures).flatMap(([head, own]) =>
    Object.keys(own.metrics).map((metric) => [
      head,
      metric,
      number(own.metrics[metric]),
      interval(own, metric),
      own.count,
    ]),
  );
  return textTable([['head', 'figure', 'value', '95 % interval', 'answers'], ...rows]);
}

function interval({ intervals }: HeadFigures, metric: string): string {
  const own = intervals[metric];
  return own ? `${number(own.low)} – ${number(own.high)}` : '';
}

function number(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(4))) : '–';
}
