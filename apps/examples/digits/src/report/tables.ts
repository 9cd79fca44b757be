import { type Cell, table } from '@polymodal/trainer';
import type { Results, Share } from '../results';

/** A table in words and figures, for the page and for the terminal. */
export interface Figure {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Accuracy on all seven subsets, beside the rivals, majority and chance. */
export function accuracyFigure(results: Results): Figure {
  const rivals = Object.entries(results.rivals);
  return {
    title: `Accuracy on ${results.testSamples} test samples`,
    columns: ['modalities', 'accuracy', '95 % interval', ...seedColumn(results), ...rivals.map(([name]) => name)],
    rows: [
      ...Object.entries(results.accuracy).map(([subset, share]) => [
        subset,
        percent(share.mean),
        `${percent(share.low)} – ${percent(share.high)}`,
        ...seedCell(results, share),
        ...rivals.map(([, { accuracy }]) => percent(accuracy[subset].mean)),
      ]),
      ['most frequent digit', percent(results.majority)],
      ['chance', percent(results.chance)],
    ],
  };
}

/** The accuracies as bars, each with its interval as a dark stretch: the picture of {@link accuracyFigure}. */
export function accuracyBars({ accuracy, chance }: Results): string {
  const at = (share: number) => `${(100 * share).toFixed(1)}%`;
  const rows = Object.entries(accuracy).map(([subset, { mean, low, high }]): Cell[] => [
    subset,
    {
      html: `<div style="position: relative; width: 24rem; height: 1em; background: rgb(128 128 128 / 15%)">
<div style="position: absolute; inset: 0 auto 0 0; width: ${at(mean)}; background: #2a66c8"></div>
<div style="position: absolute; inset: 35% auto 35% ${at(low)}; width: ${at(high - low)}; background: #10254a"></div>
<div style="position: absolute; inset: 0 auto 0 ${at(chance)}; border-left: 1px dashed currentColor"></div></div>`,
    },
    percent(mean),
  ]);
  return table(['modalities', 'accuracy; dark: 95 % interval; dashed: chance', ''], rows);
}

/** Recall@1 in all six directions. */
export function retrievalFigure(results: Results): Figure {
  return {
    title: 'Retrieval: how often the nearest one is the same digit (R@1)',
    columns: ['from → to', 'R@1', '95 % interval', ...seedColumn(results)],
    rows: Object.entries(results.retrieval).map(([direction, share]) => [
      direction,
      percent(share.mean),
      `${percent(share.low)} – ${percent(share.high)}`,
      ...seedCell(results, share),
    ]),
  };
}

/** Whom the model follows when the modalities disagree. */
export function contradictionFigure(results: Results): Figure {
  const rivals = Object.entries(results.rivals);
  return {
    title: 'When one modality shows another digit than the other two, the answer follows …',
    columns: [
      'contradicting',
      'the two',
      'the one',
      'neither',
      'mean confidence',
      ...rivals.map(([name]) => `the two: ${name}`),
    ],
    rows: Object.entries(results.contradiction).map(([modality, figures]) => [
      modality,
      percent(figures.followsTheTwo),
      percent(figures.followsTheOne),
      percent(figures.neither),
      percent(figures.confidence),
      ...rivals.map(([, { contradiction }]) => percent(contradiction[modality].followsTheTwo)),
    ]),
  };
}

/** For the page. */
export function figureHtml({ columns, rows, title }: Figure): string {
  const padded = rows.map((row): Cell[] => columns.map((_, column) => row[column] ?? ''));
  return table(columns, padded, title);
}

/** For the terminal. */
export function figureText({ title, columns, rows }: Figure): string {
  const lines = [columns, ...rows];
  const widths = columns.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? '').length)));
  const text = lines.map((line) =>
    line.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column]))).join('   '),
  );
  return [title, ...text.map((line) => `  ${line}`)].join('\n');
}

export function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function seedColumn({ seeds }: Results): string[] {
  return seeds > 1 ? [`sd over ${seeds} seeds`] : [];
}

function seedCell({ seeds }: Results, { sd }: Share): string[] {
  return seeds > 1 ? [percent(sd)] : [];
}
