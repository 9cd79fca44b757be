import type { SubsetFigures } from '../evaluation/evaluate';
import type { HeadFigures } from '../evaluation/evaluate-heads';
import { formatSeconds } from '../run/progress';
import type { TrainResult } from '../train';
import type { TrainSettings } from '../train-options';
import { escapeHtml } from './html';
import { lineChart, type Series } from './line-chart';
import { type Cell, table } from './table';
import { type Section, writeReport } from './write-report';

/** The sections that the report of any training has. Put your own before or behind them. */
export function trainingSections(result: TrainResult, settings?: TrainSettings): Section[] {
  const { model, steps, seconds, epochs, subsets } = result;
  const modalities = model.modalities.join(', ');
  const summary = `${modalities}; heads ${Object.keys(model.heads).join(', ')}. ${steps} steps in ${epochs.length} epochs, ${formatSeconds(seconds)}.`;
  return [
    { heading: 'Training', html: `<p>${escapeHtml(summary)}</p>${learningCurves(result)}` },
    ...(subsets ? [{ heading: 'Every subset of the modalities', html: subsetTable(subsets) }] : []),
    { heading: 'Model', html: json(model.config) },
    ...(settings ? [{ heading: 'Options', html: json(settings) }] : []),
  ];
}

/** Writes the report of a training. */
export function writeTrainingReport(path: string, result: TrainResult, settings: TrainSettings): Promise<void> {
  return writeReport(path, { title: 'Training report', sections: trainingSections(result, settings) });
}

/** Losses, and each metric of the evaluation, over the epochs. */
export function learningCurves({ epochs }: Pick<TrainResult, 'epochs'>): string {
  const heads = names(epochs.map(({ losses }) => losses));
  const losses = heads.map((head) => ({
    name: head,
    points: epochs.map(({ epoch, losses }) => [epoch, losses[head] ?? Number.NaN] as const),
  }));
  const charts = [lineChart({ title: 'Training loss', xLabel: 'epoch', series: losses })];
  const evaluated = epochs.flatMap(({ epoch, evaluation }) => (evaluation ? [{ epoch, evaluation }] : []));
  const metrics = new Map<string, Series[]>();
  for (const head of names(evaluated.map(({ evaluation }) => evaluation))) {
    for (const metric of names(evaluated.map(({ evaluation }) => evaluation[head]?.metrics ?? {}))) {
      if (metric === 'count') continue;
      const points = evaluated.map(
        ({ epoch, evaluation }) => [epoch, evaluation[head]?.metrics[metric] ?? Number.NaN] as const,
      );
      metrics.set(metric, [...(metrics.get(metric) ?? []), { name: head, points }]);
    }
  }
  for (const [metric, series] of metrics) {
    const title = series.length === 1 ? `Evaluation: ${series[0].name} ${metric}` : `Evaluation: ${metric}`;
    charts.push(lineChart({ title, xLabel: 'epoch', series }));
  }
  return `<div class="charts">${charts.join('\n')}</div>`;
}

/** Each head's metrics on each subset, with intervals where there are any. */
export function subsetTable(subsets: SubsetFigures): string {
  const figures = Object.entries(subsets);
  return names(figures.map(([, heads]) => heads))
    .map((head) => {
      const rows = figures
        .filter(([, heads]) => head in heads)
        .map(([subset, heads]) => [subset, heads[head]] as const);
      const metrics = names(rows.map(([, { metrics }]) => metrics)).filter((metric) => metric !== 'count');
      return table(
        [head, ...metrics, 'samples'],
        rows.map(([subset, own]) => [subset, ...metrics.map((metric) => metricCell(own, metric)), own.count]),
      );
    })
    .join('\n');
}

function metricCell({ metrics, intervals }: HeadFigures, metric: string): Cell {
  if (!(metric in metrics)) return '';
  const interval = intervals[metric];
  if (!interval) return Number(metrics[metric].toPrecision(4));
  return { html: `${percent(metrics[metric])} <small>${percent(interval.low)} – ${percent(interval.high)}</small>` };
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function json(value: unknown): string {
  return `<pre>${escapeHtml(JSON.stringify(value, null, 2))}</pre>`;
}

/** All keys of some records, in the order of their first occurrence. */
function names(records: readonly Readonly<Record<string, unknown>>[]): string[] {
  return [...new Set(records.flatMap((record) => Object.keys(record)))];
}
