import { ConfigError, type Model, suggestNames, UnknownNameError } from '@polymodal/core';
import { z } from 'zod';
import type { ModelFigures } from '../evaluation/evaluate-heads';
import type { EpochRecord } from './epoch-record';

/** Which epoch's parameters a training ends with. */
export interface BestOptions {
  /** A figure of a head on the samples of `evaluate`: `'tone.accuracy'`. */
  readonly by: string;
  /** Whether the best is the highest, as of an accuracy, or the lowest, as of an error. */
  readonly order: 'highest' | 'lowest';
  /** Training stops where none of so many epochs in a row was better than the best before them. By default it goes through all. */
  readonly patience?: number;
  /** How many of the best epochs are kept, each as a model in the folder of the run: `best/epoch-7`. Default 1. */
  readonly keep?: number;
  /**
   * Whether the training ends with the mean of the parameters of those that are kept, a uniform soup (Wortsman et al. 2022), and not with
   * those of the best. Default false.
   */
  readonly average?: boolean;
}

/** The best epoch of a training. */
export interface BestEpoch {
  /** From 1, through all stages. */
  readonly epoch: number;
  readonly value: number;
}

export const bestSchema = z.strictObject({
  by: z.string().regex(/^[^.]+\..+$/, 'the name of a head and of a figure, with a point between'),
  order: z.enum(['highest', 'lowest']),
  patience: z.int().positive().optional(),
  keep: z.int().positive().max(100).optional(),
  average: z.boolean().optional(),
});

/** The best of some epochs, as many as are to be kept, the very best first; of equal ones the earlier. */
export function bestEpochs(history: readonly EpochRecord[], { by, order, keep = 1 }: BestOptions): BestEpoch[] {
  const sign = order === 'highest' ? 1 : -1;
  const judged = history.flatMap(({ epoch, evaluation }) => {
    const value = figureOf(evaluation, by);
    return value === undefined || !Number.isFinite(value) ? [] : [{ epoch, value }]; // in a checkpoint those are null
  });
  return judged.sort((a, b) => sign * (b.value - a.value) || a.epoch - b.epoch).slice(0, keep);
}

/** Whether patience is at its end. */
export function isSettled(history: readonly EpochRecord[], options: BestOptions): boolean {
  if (options.patience === undefined) return false;
  const [best] = bestEpochs(history, options);
  const last = history.at(-1);
  const first = history[0];
  if (!last || !first) return false;
  return last.epoch - (best?.epoch ?? first.epoch - 1) >= options.patience;
}

/**
 * @throws UnknownNameError for a head that the model does not have, ConfigError if there is nothing to evaluate on, and for one that has no
 *   figures
 */
export function checkBest(model: Model, best: BestOptions | undefined, hasEvaluation: boolean): void {
  if (!best) return;
  requireSeveral(best);
  const [head] = splitFigure(best.by);
  const heads = Object.keys(model.heads);
  if (!heads.includes(head)) {
    const [expected, received] = ['a figure of a head of the model', `"${best.by}"`];
    throw new UnknownNameError({ where: 'train.best.by', expected, received, hint: suggestNames(head, heads) });
  }
  if (hasEvaluation) return;
  throw new ConfigError({
    where: 'train.best',
    expected: 'samples to judge epochs by, as evaluate',
    received: 'none',
    hint: 'Give some that are not learned from: train(model, { data, evaluate, best, … }).',
  });
}

function requireSeveral({ keep = 1, average = false }: BestOptions): void {
  if (!average || keep > 1) return;
  throw new ConfigError({
    where: 'train.best.keep',
    expected: 'at least 2, since their mean is asked for (best.average)',
    received: String(keep),
    hint: 'keep: 5 is usual.',
  });
}

/** @throws UnknownNameError for a figure that is not among these */
export function requireFigure({ by }: BestOptions, figures: ModelFigures): void {
  const [head, name] = splitFigure(by);
  const names = Object.keys(figures[head]?.metrics ?? {});
  if (names.includes(name)) return;
  throw new UnknownNameError({
    where: 'train.best.by',
    expected: `a figure that the head "${head}" has on the samples of evaluate`,
    received: `"${name}"`,
    hint: names.length > 0 ? suggestNames(name, names) : 'It has none: perhaps none of them has its target.',
  });
}

function figureOf(figures: ModelFigures | undefined, by: string): number | undefined {
  const [head, name] = splitFigure(by);
  const value = figures?.[head]?.metrics[name];
  return typeof value === 'number' ? value : undefined;
}

function splitFigure(by: string): [head: string, name: string] {
  const point = by.indexOf('.');
  return [by.slice(0, point), by.slice(point + 1)];
}
