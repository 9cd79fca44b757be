import { inColumns } from '@polymodal/example-material';
import { wilsonInterval } from '@polymodal/trainer';
import type { Accuracy } from './accuracy';
import type { Figures } from './experiment';

/** What all methods of a results.json have in common. */
export interface HowMeasured {
  readonly seed: number;
  readonly trainingQuestions: number;
  readonly testQuestions: number;
}

/** The content of results.json. */
export interface Results extends HowMeasured {
  readonly backend: string;
  /** Load: of the last minute of what was measured last, which takes part of it itself. What ran beside other work says little of time. */
  readonly machine: { readonly cores: number; readonly loadAverage: number };
  /** Of always giving the answer that a question has most often in the training data. */
  readonly usualAnswer: Accuracy;
  readonly methods: Readonly<Record<string, Figures>>;
}

/** Whether a results.json, parsed, is one of this example. */
export function isResults(content: Readonly<Record<string, unknown>>): boolean {
  return typeof content.methods === 'object' && typeof content.usualAnswer === 'object';
}

/** A table for the terminal, a line for each method. */
export function resultsTable({ usualAnswer, methods }: Pick<Results, 'usualAnswer' | 'methods'>): string {
  const rows = [
    [
      '',
      'right',
      '95 % interval',
      'of',
      'question alone',
      'picture alone',
      'learned',
      'of parameters',
      'samples/s',
      'training',
    ],
    ['usual answer', share(usualAnswer), interval(usualAnswer), String(usualAnswer.asked)],
    ...Object.entries(methods).map(([name, own]) => [
      name,
      share(own.accuracy),
      interval(own.accuracy),
      String(own.accuracy.asked),
      share(own.controls.question),
      share(own.controls.picture),
      inThousands(own.learned),
      inThousands(own.parameters),
      (own.samples / own.seconds).toFixed(1),
      `${(own.seconds / 60).toFixed(1)} min`,
    ]),
  ];
  return inColumns(rows);
}

function share({ right, asked }: Accuracy): string {
  return `${((100 * right) / asked).toFixed(1)} %`;
}

function interval({ right, asked }: Accuracy): string {
  const { low, high } = wilsonInterval(right / asked, asked);
  return `${(100 * low).toFixed(1)} – ${(100 * high).toFixed(1)}`;
}

function inThousands(count: number): string {
  return `${Math.round(count / 1000)} k`;
}
