import { describeTokens } from '../data/token-count';
import type { SubsetFigures } from '../evaluation/evaluate';
import { type HeadFigures, isShare, type ModelFigures } from '../evaluation/evaluate-heads';
import type { Interval } from '../evaluation/wilson-interval';
import { formatSeconds } from '../progress';
import type { EpochRecord } from '../run/epoch-record';
import { describeWait } from '../run/step-time';
import type { TrainSettings } from '../train-options';
import type { TrainResult } from '../train-result';
import { escapeHtml } from './html';
import { lineChart, type Series } from './line-chart';
import { type Cell, table } from './table';
import { type Section, writeReport } from './write-report';

/**
 * The sections that the report of any training has. Put your own before or behind them.
 *
 * ```ts
 * await writeReport('report.html', { title: 'Tomatoes', sections: trainingSections(await train(model, { data })) });
 * ```
 */
export function trainingSections(result: TrainResult, settings?: TrainSettings): Section[] {
  const { model, steps, seconds, epochs, tokens, best, kept = [], isMean, subsets, test } = result;
  const ended = isMean
    ? ` The model is the mean of the epochs ${kept.map(({ epoch }) => epoch).join(', ')}.`
    : best && ` The model is that of epoch ${best.epoch}.`;
  const modalities = model.modalities.join(', ');
  const summary = `${modalities}; heads ${Object.keys(model.heads).join(', ')}. ${steps} steps in ${epochs.length} epochs, ${formatSeconds(seconds)}${waitOf(epochs)}.${ended ?? ''} ${describeTokens(tokens)}`;
  const judged = best
    ? 'On the samples of evaluate, which also chose the epoch: others will be answered a little worse.'
    : 'On the samples of evaluate.';
  return [
    { heading: 'Training', html: `<p>${escapeHtml(summary)}</p>${stageTable(result)}${learningCurves(result)}` },
    ...(test ? [{ heading: 'Test', html: `<p>${tested}</p>${figuresTable(test)}` }] : []),
    ...(subsets
      ? [{ heading: 'Every subset of the modalities', html: `<p>${judged} ${ofOthers}</p>${subsetTable(subsets)}` }]
      : []),
    { heading: 'Model', html: json(model.config) },
    ...(settings ? [{ heading: 'Options', html: json(settings) }] : []),
  ];
}

const tested = 'On the samples of test, which it has neither learned from nor been chosen by.';
const ofOthers =
  'A line is of those samples that have all of its modalities, the others taken away: lines with other numbers of samples are of other samples.';

/** Writes the report of a training. */
export function writeTrainingReport(path: string, result: TrainResult, settings: TrainSettings): Promise<void> {
  return writeReport(path, { title: 'Training report', sections: trainingSections(result, settings) });
}

/** Of the last epoch: by then programs are compiled, and caches filled. */
function waitOf(epochs: readonly EpochRecord[]): string {
  const last = epochs.at(-1);
  return last ? `; in the last, ${describeWait(last.dataWait)}` : '';
}

/** The stages of a run that has any: up to which epoch and step each went, and the loss of its last epoch. */
function stageTable({ epochs }: Pick<TrainResult, 'epochs'>): string {
  const lasts = epochs.filter(({ stage }, index) => stage !== undefined && stage !== epochs[index + 1]?.stage);
  if (lasts.length === 0) return '';
  const rows = lasts.map(({ stage = '', epoch, step, loss }) => [stage, epoch, step, Number(loss.toPrecision(4))]);
  return table(['stage', 'up to epoch', 'step', 'loss'], rows);
}

/** Losses, and the metrics of the evaluation, over the epochs. */
export function learningCurves({ epochs }: Pick<TrainResult, 'epochs'>): string {
  const losses = names(epochs.map((record) => record.losses)).flatMap((head) => lossSeries(epochs, head));
  const charts = [
    lineChart({ title: 'Training loss', xLabel: 'epoch', series: losses }),
    ...weightCharts(epochs),
    ...modalityCharts(epochs),
    ...[...metricSeries(epochs)].map(([metric, series]) =>
      lineChart({ title: `Evaluation: ${metric}`, xLabel: 'epoch', series }),
    ),
  ];
  return `<div class="charts">${charts.join('\n')}</div>`;
}

/** What losses count for, where that changes. */
function weightCharts(epochs: readonly EpochRecord[]): string[] {
  const heads = names(epochs.map(({ lossWeights = {} }) => lossWeights));
  if (heads.length === 0) return [];
  const series = heads.map((head) => ({
    name: head,
    points: epochs.map(({ epoch, lossWeights }) => [epoch, lossWeights?.[head] ?? Number.NaN] as const),
  }));
  return [lineChart({ title: 'Weights of losses', xLabel: 'epoch', series })];
}

/** How each modality takes part, where it is watched: a chart for each figure. */
function modalityCharts(epochs: readonly EpochRecord[]): string[] {
  const slots = names(epochs.map(({ modalities = {} }) => modalities));
  return (Object.keys(modalityTitles) as (keyof typeof modalityTitles)[]).flatMap((figure) => {
    const having = slots.filter((slot) => epochs.some(({ modalities }) => modalities?.[slot]?.[figure] !== undefined));
    if (having.length === 0) return [];
    const series = having.map((slot) => ({
      name: slot,
      points: epochs.map(({ epoch, modalities }) => [epoch, modalities?.[slot]?.[figure] ?? Number.NaN] as const),
    }));
    return [lineChart({ title: modalityTitles[figure], xLabel: 'epoch', series })];
  });
}

const modalityTitles = {
  gradientShare: 'Share of the gradients of encoders',
  factor: 'What gradients are multiplied by',
  gate: 'How far gates are open',
  usage: 'How much of each modality goes into a row',
} as const;

/** The loss of a head, and its terms where there are several. */
function lossSeries(epochs: readonly EpochRecord[], head: string): Series[] {
  const series = (name: string, figure: (record: EpochRecord) => number | undefined): Series => ({
    name,
    points: epochs.map((record) => [record.epoch, figure(record) ?? Number.NaN] as const),
  });
  const terms = names(epochs.map((record) => record.terms[head] ?? {}));
  const ofTerms =
    terms.length < 2 ? [] : terms.map((term) => series(`${head} ${term}`, (own) => own.terms[head]?.[term]));
  return [series(head, ({ losses }) => losses[head]), ...ofTerms];
}

/** The curves of the evaluation by the last word of the metric: `image→text R@1` stands with every other `R@1`. */
function metricSeries(epochs: readonly EpochRecord[]): Map<string, Series[]> {
  const evaluated = epochs.flatMap(({ epoch, evaluation }) => (evaluation ? [{ epoch, evaluation }] : []));
  const charts = new Map<string, Series[]>();
  for (const head of names(evaluated.map(({ evaluation }) => evaluation))) {
    for (const metric of metricNames(evaluated.map(({ evaluation }) => evaluation[head]))) {
      const words = metric.split(' ');
      const title = words.pop()!;
      const points = evaluated.map(
        ({ epoch, evaluation }) => [epoch, evaluation[head]?.metrics[metric] ?? Number.NaN] as const,
      );
      charts.set(title, [...(charts.get(title) ?? []), { name: [head, ...words].join(' '), points }]);
    }
  }
  return charts;
}

/** Each head's metrics on each subset, with intervals where there are any. */
export function subsetTable(subsets: SubsetFigures): string {
  const figures = Object.entries(subsets);
  return names(figures.map(([, heads]) => heads))
    .map((head) => {
      const rows = figures
        .filter(([, heads]) => head in heads)
        .map(([subset, heads]) => [subset, heads[head]] as const);
      const metrics = metricNames(rows.map(([, own]) => own));
      return table(
        [head, ...metrics, 'samples'],
        rows.map(([subset, own]) => [subset, ...metrics.map((metric) => metricCell(own, metric)), own.count]),
      );
    })
    .join('\n');
}

/** Each head's metrics, with intervals where there are any. */
export function figuresTable(figures: ModelFigures): string {
  return Object.entries(figures)
    .map(([head, own]) => {
      const rows = Object.keys(own.metrics).map((metric): Cell[] => [metric, metricCell(own, metric), own.count]);
      return table([head, 'value', 'samples'], rows);
    })
    .join('\n');
}

function metricCell({ metrics, intervals }: HeadFigures, metric: string): Cell {
  const value = metrics[metric];
  if (value === undefined) return '';
  const interval = intervals[metric];
  if (!interval) return Number(value.toPrecision(4));
  if (!isShare(metric)) {
    const [own, low, high] = [value, interval.low, interval.high].map((bound) => Number(bound.toPrecision(4)));
    return { html: `${own} <small>${low} – ${high}</small>` };
  }
  const bounds = `<small>${percent(interval.low)} – ${percent(interval.high)}</small>`;
  return { html: `${intervalMark(value, interval)} ${percent(value)} ${bounds}` };
}

/** A share as a dot on a line from 0 to 1, with its interval. */
function intervalMark(share: number, { low, high }: Interval): string {
  const x = (value: number) => (4 + 112 * value).toFixed(1);
  return `<svg class="mark" viewBox="0 0 120 12" aria-hidden="true"><path d="M4 6H116" stroke="var(--line)"/>\
<path d="M${x(low)} 6H${x(high)}" stroke="var(--series-0)" stroke-width="3" stroke-opacity=".45"/>\
<circle cx="${x(share)}" cy="6" r="3.5" fill="var(--series-0)"/></svg>`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function json(value: unknown): string {
  return `<details><summary>Show</summary><pre>${escapeHtml(JSON.stringify(value, null, 2))}</pre></details>`;
}

function metricNames(figures: readonly (HeadFigures | undefined)[]): string[] {
  return names(figures.map((own) => own?.metrics ?? {}));
}

/** All keys of some records, in the order of their first occurrence. */
function names(records: readonly Readonly<Record<string, unknown>>[]): string[] {
  return [...new Set(records.flatMap((record) => Object.keys(record)))];
}
