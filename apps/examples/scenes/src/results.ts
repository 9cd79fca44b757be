import type { Figures, RightByKind } from './experiment';
import type { QuestionKind } from './scene/question';

/** A share over the seeds; the deviation is 0 for one. */
interface Share {
  readonly mean: number;
  readonly sd: number;
}

/** What a method came to. */
export interface MethodResults {
  readonly nonRelational: Share;
  readonly relational: Share;
  readonly byKind: Readonly<Record<string, Share>>;
  /** The share of right answers to all questions, where something is left out or another's. */
  readonly controls: Readonly<Record<string, Share>>;
  readonly parameters: number;
  /** Of one question about one picture. */
  readonly multiplyAdds: number;
  /** Of training, the mean over the seeds. */
  readonly seconds: number;
}

/** The content of results.json. */
export interface Results {
  readonly seeds: number;
  readonly epochs: number;
  readonly trainingSamples: number;
  readonly testSamples: number;
  readonly seconds: number;
  readonly methods: Readonly<Record<string, MethodResults>>;
}

/** Sums the trainings of a method up. */
export function summarize(runs: readonly Figures[]): MethodResults {
  const [{ edition, parameters, multiplyAdds }] = runs;
  const { nonRelational, relational } = edition.questions;
  const kinds = [...nonRelational, ...relational];
  const over = (rightOf: (run: Figures) => RightByKind, asked: readonly QuestionKind[]) =>
    share(runs.map((run) => shareOf(rightOf(run), asked)));
  const controls = Object.keys(runs[0].controls) as (keyof Figures['controls'])[];
  return {
    nonRelational: over(({ right }) => right, nonRelational),
    relational: over(({ right }) => right, relational),
    byKind: Object.fromEntries(kinds.map((kind) => [kind, over(({ right }) => right, [kind])])),
    controls: Object.fromEntries(controls.map((name) => [name, over((run) => run.controls[name], kinds)])),
    parameters,
    multiplyAdds,
    seconds: runs.reduce((sum, { seconds }) => sum + seconds, 0) / runs.length,
  };
}

/** A table for the terminal, a line for each method. */
export function resultsTable(methods: Readonly<Record<string, MethodResults>>): string {
  const rows = [
    ['', 'one object', 'relations', 'without picture', 'other picture', 'parameters', 'multiply-adds', 'training'],
    ...Object.entries(methods).map(([name, own]) => [
      name,
      percent(own.nonRelational),
      percent(own.relational),
      percent(own.controls['without picture']),
      percent(own.controls['other picture']),
      `${Math.round(own.parameters / 1000)} k`,
      `${(own.multiplyAdds / 1e6).toFixed(1)} M`,
      `${(own.seconds / 60).toFixed(1)} min`,
    ]),
  ];
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function percent({ mean, sd }: Share): string {
  const deviation = sd > 0 ? ` ± ${(100 * sd).toFixed(1)}` : '';
  return `${(100 * mean).toFixed(1)}${deviation} %`;
}

function shareOf(right: RightByKind, kinds: readonly QuestionKind[]): number {
  const own = kinds.flatMap((kind) => right[kind] ?? []);
  return own.reduce((sum, { right: count }) => sum + count, 0) / own.reduce((sum, { asked }) => sum + asked, 0);
}

/** Mean and sample standard deviation. */
function share(values: readonly number[]): Share {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, values.length - 1);
  return { mean, sd: Math.sqrt(variance) };
}
