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
import { type Interval, wilsonInterval } from './wilson-interval';

/** How well one head does. */
export interface HeadFigures {
  /** Answers that count: those of samples that have the head's target. */
  readonly count: number;
  readonly metrics: Metrics;
  /** 95 % Wilson intervals of those metrics that are a share of the samples: every accuracy. */
  readonly intervals: Readonly<Record<string, Interval>>;
}

/** Figures by head. */
export type ModelFigures = Readonly<Record<string, HeadFigures>>;

/** What each head reports of its own answers; heads without figures, or without an answer, are left out. */
export function evaluateHeads(
  model: Model,
  predictions: readonly Prediction[],
  samples: readonly PreparedSample[],
): ModelFigures {
  const figures: Record<string, HeadFigures> = {};
  for (const [name, head] of Object.entries(model.heads)) {
    const rows = predictions.flatMap((prediction, row) => (name in prediction ? [row] : []));
    if (rows.length === 0 || !head.evaluate) continue;
    const answers = rows.map((row) => ({ prediction: predictions[row][name], target: samples[row].targets[name] }));
    const metrics = evaluateAnswers(name, head, answers);
    const shares = Object.keys(metrics).filter((metric) => /accuracy$/i.test(metric));
    const count = countAnswers(name, head, answers, shares[0]);
    const intervals = shares.map((share) => [
      share,
      wilsonInterval(metrics[share], share === shares[0] ? count : countAnswers(name, head, answers, share)),
    ]);
    figures[name] = { count, metrics, intervals: Object.fromEntries(intervals) };
  }
  return figures;
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
