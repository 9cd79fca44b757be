import { inColumns } from '@polymodal/example-material';
import { z } from 'zod';
import type { Figures, RightBy, RightByKind } from './experiment';
import type { Edition } from './scene/edition';

/** A share over the seeds; the deviation is 0 for one. */
const share = z.object({ mean: z.number(), sd: z.number() });
type Share = z.output<typeof share>;

/** What a method came to, as results.json has it. */
export const methodResults = z.object({
  nonRelational: share,
  relational: share,
  /** The share of right answers to all spoken questions; null where none were asked. */
  spoken: share.nullable(),
  /** Of spoken questions, by kind and by the voice that asks; null where none were asked. */
  spokenByKind: z.record(z.string(), share).nullable(),
  spokenByVoice: z.record(z.string(), share).nullable(),
  byKind: z.record(z.string(), share),
  /** The share of right answers to all questions, where something is left out or another's; null where the method needs it. */
  controls: z.record(z.string(), share.nullable()),
  parameters: z.number(),
  /** Of one question about one picture. */
  multiplyAdds: z.number(),
  /** Of training, the mean over the seeds. */
  seconds: z.number(),
});
/** {@link methodResults} */
export type MethodResults = z.output<typeof methodResults>;

/** What all methods of a results.json have in common. */
export interface HowMeasured {
  readonly seeds: number;
  readonly epochs: number;
  /** Before these, in which the encoders learned by themselves. */
  readonly perception: number;
  readonly edition: Edition['name'];
  readonly languages: readonly string[];
  readonly typingErrors: boolean;
  readonly trainingSamples: number;
  readonly testSamples: number;
}

/** The content of results.json. */
export interface Results extends HowMeasured {
  /** Of the start that wrote it. */
  readonly seconds: number;
  readonly methods: Readonly<Record<string, MethodResults>>;
}

/** Sums the trainings of a method up. */
export function summarize(runs: readonly Figures[]): MethodResults {
  const [{ edition, spoken, parameters, multiplyAdds }] = runs;
  const { nonRelational, relational } = edition.questions;
  const kinds = [...nonRelational, ...relational];
  const over = (rightOf: (run: Figures) => RightBy<string>, asked: readonly string[]) =>
    shareOver(runs.map((run) => shareOf(rightOf(run), asked)));
  const each = (rightOf: (run: Figures) => RightBy<string>, asked: readonly string[]) =>
    Object.fromEntries(asked.map((name) => [name, over(rightOf, [name])]));
  const ifAny = (rightOf: (run: Figures) => RightByKind | undefined) =>
    rightOf(runs[0]) ? over((run) => rightOf(run)!, kinds) : null;
  const controls = Object.keys(runs[0].controls) as (keyof Figures['controls'])[];
  return {
    nonRelational: over(({ right }) => right, nonRelational),
    relational: over(({ right }) => right, relational),
    spoken: ifAny((run) => run.spoken?.byKind),
    spokenByKind: spoken ? each((run) => run.spoken!.byKind, kinds) : null,
    spokenByVoice: spoken ? each((run) => run.spoken!.byVoice, Object.keys(spoken.byVoice)) : null,
    byKind: each(({ right }) => right, kinds),
    controls: Object.fromEntries(controls.map((name) => [name, ifAny((run) => run.controls[name])])),
    parameters,
    multiplyAdds,
    seconds: runs.reduce((sum, { seconds }) => sum + seconds, 0) / runs.length,
  };
}

/** A table for the terminal, a line for each method. */
export function resultsTable(methods: Readonly<Record<string, MethodResults>>): string {
  return inColumns(resultsRows(methods));
}

/** What is told of each method, under a line of titles. */
export function resultsRows(methods: Readonly<Record<string, MethodResults>>): string[][] {
  return [
    [
      '',
      'one object',
      'relations',
      'spoken',
      'without picture',
      'other picture',
      'parameters',
      'multiply-adds',
      'training',
    ],
    ...Object.entries(methods).map(([name, own]) => [
      name,
      percent(own.nonRelational),
      percent(own.relational),
      percent(own.spoken),
      percent(own.controls['without picture']),
      percent(own.controls['other picture']),
      `${Math.round(own.parameters / 1000)} k`,
      `${(own.multiplyAdds / 1e6).toFixed(1)} M`,
      `${(own.seconds / 60).toFixed(1)} min`,
    ]),
  ];
}

/** With the deviation, where there is one. */
export function percent(share: Share | null): string {
  if (!share) return '–';
  const { mean, sd } = share;
  const deviation = sd > 0 ? ` ± ${(100 * sd).toFixed(1)}` : '';
  return `${(100 * mean).toFixed(1)}${deviation} %`;
}

function shareOf(right: RightBy<string>, asked: readonly string[]): number {
  const own = asked.flatMap((name) => right[name] ?? []);
  return own.reduce((sum, { right: count }) => sum + count, 0) / own.reduce((sum, { asked }) => sum + asked, 0);
}

/** Mean and sample standard deviation. */
function shareOver(values: readonly number[]): Share {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, values.length - 1);
  return { mean, sd: Math.sqrt(variance) };
}
