import { inColumns } from '@polymodal/example-material';
import type { HeadFigures } from '@polymodal/trainer';
import { mostRight, type Subset } from './bounds';
import { type Task, tasks } from './data/make-samples';
import type { EasyVqaFigures } from './easy-vqa/run-easy-vqa';

/** The content of results.json. */
export interface Results {
  readonly seed: number;
  readonly scenes: number;
  readonly voices: number;
  readonly perception: number;
  readonly epochs: number;
  /** Of training, by part. */
  readonly seconds: { readonly perception: number; readonly captions: number };
  /** By what is shown beside the prompt, and by what is asked for. */
  readonly figures: Readonly<Record<Subset, Readonly<Record<string, HeadFigures>>>>;
  /** CIDEr of captions by somebody who sees and hears all that is shown and draws the rest. */
  readonly guessed: Readonly<Record<Subset, Readonly<Record<string, number>>>>;
  /** Where its pictures were written about, too. */
  readonly easyVqa?: EasyVqaFigures;
}

/** Whether a results.json, parsed, is one of this example. */
export function isResults(content: Readonly<Record<string, unknown>>): boolean {
  return typeof content.figures === 'object' && typeof content.guessed === 'object';
}

/** Tables for the terminal: what is right to the letter, and CIDEr, of each group by what is shown. */
export function resultsTable(results: Results): string {
  const [exact, likeness] = resultsRows(results);
  return `${inColumns(exact)}\n\n${inColumns(likeness)}`;
}

/** The same as rows of cells, headings first. */
export function resultsRows({ figures, guessed }: Pick<Results, 'figures' | 'guessed'>): [string[][], string[][]] {
  const shown = Object.keys(figures) as Subset[];
  const groups = Object.keys(figures.both);
  const captions = groups.filter((name) => taskOf(name) === 'caption');
  return [
    [
      ['right to the letter', ...shown.flatMap((subset) => [subset, 'at most'])],
      ...groups.map((name) => [
        name,
        ...shown.flatMap((subset) => [
          shareText(figures[subset][name]),
          `${percent(mostRight(taskOf(name), subset))} %`,
        ]),
      ]),
    ],
    [
      ['CIDEr-D', ...shown.flatMap((subset) => [subset, 'guessed'])],
      ...captions.map((name) => [
        name,
        ...shown.flatMap((subset) => {
          const { metrics, intervals } = figures[subset][name];
          const { low, high } = intervals.cider;
          return [
            `${metrics.cider.toFixed(2)} (${low.toFixed(2)}–${high.toFixed(2)})`,
            guessed[subset][name].toFixed(2),
          ];
        }),
      ]),
    ],
  ];
}

/** Of easy-VQA: what is right to the letter, with and without the picture. */
export function easyVqaTable(figures: EasyVqaFigures): string {
  const shown = Object.keys(figures) as (keyof EasyVqaFigures)[];
  return inColumns([
    ['easy-VQA, right to the letter', ...shown, 'of'],
    ...Object.keys(figures.picture).map((name) => [
      name,
      ...shown.map((subset) => shareText(figures[subset][name])),
      String(figures.picture[name].count),
    ]),
  ]);
}

function shareText({ metrics, intervals }: HeadFigures): string {
  const { low, high } = intervals.accuracy;
  return `${percent(metrics.accuracy)} % (${percent(low)}–${percent(high)})`;
}

function taskOf(group: string): Task {
  return tasks.find((task) => group.startsWith(task))!;
}

function percent(share: number): string {
  return (100 * share).toFixed(share < 0.01 && share > 0 ? 2 : 1);
}
