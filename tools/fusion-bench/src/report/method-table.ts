import type { Spread } from '../metrics/spread';
import type { MethodResults, Results } from '../results';

/** Columns of a table with a line for each method, as text: for the terminal, the page and the guide alike. */
export interface MethodTable {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly [method: string, ...cells: (number | string | null)[]])[];
  /** How the numbers are written; text as it is. */
  readonly format: 'share' | 'change';
}

type Methods = Results['tasks'][string];

/** Accuracy on clean data, where 70 % lack a modality, under noise, and with an irrelevant modality beside. */
export function overviewTable(task: string, methods: Methods): MethodTable {
  return {
    title: `${task}: accuracy; relative (mean over noise) and effective robustness; change by an irrelevant modality`,
    columns: ['clean', ...kindsOf(methods), '70 % lack one', 'over noise', 'effective', 'irrelevant beside'],
    format: 'share',
    rows: rowsOf(methods, ({ accuracy, kinds, missing, noise, irrelevant }) => [
      spreadText(accuracy),
      ...Object.values(kinds).map(spreadText),
      missing && spreadText(missing),
      spreadText(noise.all.relative),
      changeText(noise.all.effective.mean),
      irrelevant === null ? null : changeText(irrelevant),
    ]),
  };
}

/** Accuracy on every subset of the modalities. */
export function subsetTable(task: string, methods: Methods): MethodTable {
  const subsets = Object.keys(first(methods).subsets);
  return {
    title: `${task}: accuracy by modalities`,
    columns: subsets,
    format: 'share',
    rows: rowsOf(methods, (own) => subsets.map((subset) => own.subsets[subset]?.mean ?? null)),
  };
}

/** How much of the accuracy goes where one modality is permuted between samples. */
export function perceptualTable(task: string, methods: Methods): MethodTable {
  const slots = Object.keys(first(methods).perceptual);
  return {
    title: `${task}: share of the accuracy that is lost with one modality permuted (perceptual score)`,
    columns: slots,
    format: 'share',
    rows: rowsOf(methods, ({ perceptual }) => slots.map((slot) => perceptual[slot].mean)),
  };
}

/** Effective robustness, by the modality that has noise. */
export function robustnessTable(task: string, methods: Methods): MethodTable {
  const names = Object.keys(first(methods).noise);
  return {
    title: `${task}: effective robustness against noise, in points of accuracy over concat`,
    columns: names,
    format: 'change',
    rows: rowsOf(methods, ({ noise }) => names.map((name) => noise[name].effective.mean)),
  };
}

/** Whom answers follow where one modality says another class; undefined for a task without. */
export function contradictionTable(task: string, methods: Methods): MethodTable | undefined {
  const slots = Object.keys(first(methods).contradiction);
  if (slots.length === 0) return undefined;
  return {
    title: `${task}: one modality says another class; how often answers follow the others, and it`,
    columns: slots.flatMap((slot) => [`${slot}: others`, `${slot}: it`]),
    format: 'share',
    rows: rowsOf(methods, ({ contradiction }) =>
      slots.flatMap((slot) => [contradiction[slot].others.mean, contradiction[slot].odd.mean]),
    ),
  };
}

/** Parameters, multiply-adds, time and memory. */
export function costTable(task: string, methods: Methods): MethodTable {
  return {
    title: `${task}: cost`,
    columns: [
      'parameters',
      'fusion + head',
      'multiply-adds',
      'ms alone',
      'ms of 64',
      'MiB to predict',
      'MiB to train',
      'CPU s to train',
      'learning rate',
    ],
    format: 'share',
    rows: rowsOf(methods, ({ cost, training, rate }) => [
      `${(cost.parameters.model / 1000).toFixed(1)} k`,
      `${(cost.parameters.fusion / 1000).toFixed(1)} k`,
      `${(cost.multiplyAdds / 1e6).toFixed(2)} M`,
      cost.msAlone.toFixed(2),
      cost.msInBatch.toFixed(3),
      mebibytes(cost.predictingBytes),
      mebibytes(training.peakRssBytes),
      training.cpuSeconds.toFixed(1),
      String(rate),
    ]),
  };
}

/** Accuracy with all modalities on each control, below what is possible. */
export function controlTable({ best, methods }: Results['controls']): MethodTable {
  const names = Object.keys(best);
  const whole = (subsets: Readonly<Record<string, number>>) => Object.values(subsets).at(-1)!;
  return {
    title: 'Controls: accuracy with all modalities',
    columns: names,
    format: 'share',
    rows: [
      ['best possible', ...names.map((name) => whole(best[name]))],
      ...Object.entries(methods).map(([method, own]): MethodTable['rows'][number] => [
        method,
        ...names.map((name) => Object.values(own[name]).at(-1)!.mean),
      ]),
    ],
  };
}

/** A cell as text. */
export function cellText(cell: number | string | null, format: MethodTable['format']): string {
  if (cell === null) return '–';
  if (typeof cell === 'string') return cell;
  return format === 'share' ? percent(cell) : changeText(cell);
}

function rowsOf(methods: Methods, cells: (results: MethodResults) => (number | string | null)[]): MethodTable['rows'] {
  return Object.entries(methods).map(([method, results]) => [method, ...cells(results)]);
}

function first(methods: Methods): MethodResults {
  return Object.values(methods)[0];
}

function kindsOf(methods: Methods): string[] {
  return Object.keys(first(methods).kinds);
}

function spreadText({ mean, sd }: Spread): string {
  return sd > 0 ? `${percent(mean)} ± ${(100 * sd).toFixed(1)}` : percent(mean);
}

function changeText(change: number): string {
  return `${change < 0 ? '−' : '+'}${(100 * Math.abs(change)).toFixed(1)}`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function mebibytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(0);
}
