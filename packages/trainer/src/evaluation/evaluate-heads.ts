import {
  askPart,
  describeValue,
  type Features,
  type Head,
  isRecord,
  type Metrics,
  type Model,
  PartError,
  type Prediction,
  type PreparedSample,
} from '@polymodal/core';
import { bootstrapIntervals } from './bootstrap-intervals';
import { type Interval, wilsonInterval } from './wilson-interval';

/** How often rows are drawn, where nothing else is said, and for how many it is not done. */
const [usualResamples, tooManyAnswers] = [200, 10_000];

/** How well one head does. */
export interface HeadFigures {
  /** Answers that count: those of samples that have the head's target. */
  readonly count: number;
  readonly metrics: Metrics;
  /**
   * Intervals of 95 %: by Wilson of those metrics that are a share of the samples, every accuracy; of others by the bootstrap, where
   * the head's figures allow it, or it says what each row adds to them.
   */
  readonly intervals: Readonly<Record<string, Interval>>;
}

/** Figures by head. */
export type ModelFigures = Readonly<Record<string, HeadFigures>>;

/**
 * What each head reports of its own answers; heads without figures, or without an answer, are left out.
 *
 * @param targets   those of the samples, in the same order
 * @param resamples as in `EvaluateOptions`
 */
export function evaluateHeads(
  model: Model,
  predictions: readonly Prediction[],
  targets: readonly PreparedSample['targets'][],
  resamples?: number,
): ModelFigures {
  const figures: Record<string, HeadFigures> = {};
  for (const [name, head] of Object.entries(model.heads)) {
    const rows = predictions.flatMap((prediction, row) => (name in prediction ? [row] : []));
    if (rows.length === 0 || !head.evaluate) continue;
    const answers = rows.map((row) => ({ prediction: predictions[row][name], target: targets[row][name] }));
    const metrics = evaluateAnswers(name, head, answers);
    const shares = Object.keys(metrics).filter(isShare);
    const count = countAnswers(name, head, answers, shares[0]);
    const wilson = shares.map((share) => [
      share,
      wilsonInterval(metrics[share], share === shares[0] ? count : countAnswers(name, head, answers, share)),
    ]);
    const rounds = resamples ?? (answers.length > tooManyAnswers ? 0 : usualResamples);
    const intervals = {
      ...resampled(name, head, answers, rounds),
      ...ofMeans(name, head, answers, rounds),
      ...Object.fromEntries(wilson),
    };
    figures[name] = { count, metrics, intervals };
  }
  return figures;
}

/** Whether a figure is a share of the samples, by its name. */
export function isShare(metric: string): boolean {
  return /(^| )accuracy$/.test(metric);
}

/** Of the figures that are over rows with a target. */
function resampled(name: string, head: Head, answers: readonly Answer[], rounds: number): Record<string, Interval> {
  if (!head.resamples || rounds === 0) return {};
  const answered = answers.filter(({ target }) => target !== undefined);
  return bootstrapIntervals(answered.length, rounds, (rows) =>
    evaluateAnswers(
      name,
      head,
      rows.map((row) => answered[row]),
    ),
  );
}

/** Of the figures that are means of what each row adds. @throws PartError for a head that fails, or gives anything but numbers of rows */
function ofMeans(name: string, head: Head, answers: readonly Answer[], rounds: number): Record<string, Interval> {
  if (!head.rowFigures || rounds === 0) return {};
  const ofRows: unknown = askPart(`head "${name}"`, 'rowFigures()', () =>
    head.rowFigures?.(
      answers.map(({ prediction }) => prediction),
      answers.map(({ target }) => target),
    ),
  );
  const count = answers.filter(({ target }) => target !== undefined).length;
  const isOfRows = (values: unknown) =>
    Array.isArray(values) && values.length === count && values.every(Number.isFinite);
  if (!isRecord(ofRows) || !Object.values(ofRows).every(isOfRows)) {
    throw new PartError({
      where: `head "${name}", rowFigures()`,
      expected: `figures by name, each a list of a finite number for each of ${count} rows with a target`,
      received: describeValue(ofRows),
    });
  }
  const figures = Object.entries(ofRows as Record<string, readonly number[]>);
  if (figures.length === 0) return {};
  return bootstrapIntervals(count, rounds, (rows) =>
    Object.fromEntries(
      figures.map(([figure, values]) => [figure, rows.reduce((sum, row) => sum + values[row], 0) / rows.length]),
    ),
  );
}

interface Answer {
  readonly prediction: unknown;
  readonly target: Features | undefined;
}

/** @throws PartError for a head that fails, or gives anything but figures */
function evaluateAnswers(name: string, head: Head, answers: readonly Answer[]): Metrics {
  const predictions = answers.map(({ prediction }) => prediction);
  const targets = answers.map(({ target }) => target);
  const metrics: unknown = askPart(`head "${name}"`, 'evaluate()', () => head.evaluate?.(predictions, targets));
  const wrong = (where: string, received: unknown) =>
    new PartError({
      where: `head "${name}", ${where}`,
      expected: 'figures by name',
      received: describeValue(received),
    });
  if (!isRecord(metrics)) throw wrong('evaluate()', metrics);
  for (const [figure, value] of Object.entries(metrics)) {
    if (typeof value !== 'number') throw wrong(`evaluate().${figure}`, value);
  }
  return metrics as Metrics;
}

/** How many answers a share is of: those that have one by themselves. The head passes over rows without its target. */
function countAnswers(name: string, head: Head, answers: readonly Answer[], share: string | undefined): number {
  const counted = (answer: Answer) =>
    share === undefined ? answer.target !== undefined : Number.isFinite(evaluateAnswers(name, head, [answer])[share]);
  return answers.filter(counted).length;
}
