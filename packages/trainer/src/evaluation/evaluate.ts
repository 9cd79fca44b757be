import { ConfigError, type Model, modalitySubsets, parseConfig, suggestNames } from '@polymodal/core';
import { z } from 'zod';
import { canLearn } from '../data/can-learn';
import { type Samples, toDataset } from '../data/dataset';
import type { JudgedSamples } from '../data/judged-samples';
import { requireModel } from '../data/require-model';
import { progressBar } from '../progress';
import { answerSamples } from './answer-samples';
import { evaluateHeads, type ModelFigures } from './evaluate-heads';
import { type EvaluateOptions, evaluateShape } from './evaluate-options';
import { JudgedLosses } from './judged-losses';
import { withJudged } from './with-judged';

/** How to evaluate on subsets of the modalities. */
export interface EvaluateSubsetsOptions extends EvaluateOptions {
  /** The subsets; by default all 2^M − 1 of them. */
  readonly subsets?: readonly (readonly string[])[];
  /**
   * Whether all of them are judged on the same samples, those that have every modality of any, so that their figures can be compared. By
   * default each is judged on the samples that have all of it: on more of them, and on others.
   */
  readonly common?: boolean;
}

const evaluateSchema = z.strictObject(evaluateShape);
const subsetsSchema = z.strictObject({
  ...evaluateShape,
  subsets: z.array(z.array(z.string()).min(1).readonly()).readonly().optional(),
  common: z.boolean().optional(),
});

/** Figures by subset, under names such as `image` and `image+audio`. */
export type SubsetFigures = Readonly<Record<string, ModelFigures>>;

/**
 * How well a model does on samples as they are, with all the modalities that each has. A head for which no sample has a target
 * is told as a warning of the process.
 *
 * ```ts
 * const { ripe } = await evaluate(model, testSamples);
 * console.log(ripe?.metrics.accuracy, ripe?.intervals.accuracy);
 * ```
 *
 * @throws ConfigError for options that cannot be used
 * @throws SampleError for a sample or target that cannot be read, by its index
 * @throws WorkerError for a thread of `workers` that ends
 */
export async function evaluate(model: Model, samples: Samples, options: EvaluateOptions = {}): Promise<ModelFigures> {
  requireModel(model, 'evaluate');
  parseConfig(evaluateSchema, options, 'evaluate');
  const dataset = toDataset(samples, 'evaluate');
  return withJudged(model, dataset, options, (judged) => evaluateJudged(model, judged, options));
}

/**
 * How well a model does on each subset of the modalities: for every subset, the samples that have all of it, with the
 * rest taken away, or with `common` those that have everything. A subset that no sample has, or on which no head can run, is left out.
 *
 * ```ts
 * const figures = await evaluateSubsets(model, testSamples);
 * console.log(figures['photo+note']?.ripe?.metrics.accuracy, figures.note?.ripe?.metrics.accuracy);
 * ```
 *
 * @throws ConfigError for a subset with a modality that the model does not have, for `common` where no sample has everything, and for
 *   options that cannot be used
 * @throws SampleError for a sample or target that cannot be read, by its index
 * @throws WorkerError for a thread of `workers` that ends
 */
export async function evaluateSubsets(
  model: Model,
  samples: Samples,
  options: EvaluateSubsetsOptions = {},
): Promise<SubsetFigures> {
  requireModel(model, 'evaluateSubsets');
  parseConfig(subsetsSchema, options, 'evaluateSubsets');
  for (const modality of options.subsets?.flat() ?? []) checkModality(model, modality);
  const dataset = toDataset(samples, 'evaluateSubsets');
  return withJudged(model, dataset, options, (judged) => evaluateJudgedSubsets(model, judged, options));
}

/**
 * As {@link evaluate}, for samples that are prepared.
 *
 * @param slots those that take part: of samples on which a head runs then
 */
export async function evaluateJudged(
  model: Model,
  samples: JudgedSamples,
  options: EvaluateOptions,
  slots?: readonly string[],
): Promise<ModelFigures> {
  const all = [...samples.targets.keys()];
  const left = (row: number) => Object.keys(samples.shapeOf(row)).filter((slot) => slots?.includes(slot));
  const rows = slots ? all.filter((row) => canLearn(model, left(row))) : all;
  return rows.length === 0 ? {} : evaluateRows(model, samples, rows, slots, options);
}

/** As {@link evaluateSubsets}, for samples that are prepared. */
export async function evaluateJudgedSubsets(
  model: Model,
  samples: JudgedSamples,
  options: EvaluateSubsetsOptions,
): Promise<SubsetFigures> {
  const subsets = options.subsets ?? modalitySubsets(model.modalities);
  const rows = options.common ? commonRows(samples, [...new Set(subsets.flat())]) : [...samples.targets.keys()];
  const progress = progressBar(options.progress ?? true);
  const figures: Record<string, ModelFigures> = {};
  progress.start('Evaluating', subsets.length);
  try {
    for (const [index, subset] of subsets.entries()) {
      progress.update(index, subset.join('+'));
      const having = rows.filter((row) => hasAll(samples, row, subset));
      if (having.length === 0 || !canLearn(model, subset)) continue;
      figures[subset.join('+')] = await evaluateRows(model, samples, having, subset, options);
    }
  } finally {
    progress.stop();
  }
  return figures;
}

async function evaluateRows(
  model: Model,
  samples: JudgedSamples,
  rows: readonly number[],
  subset: readonly string[] | undefined,
  options: EvaluateOptions,
): Promise<ModelFigures> {
  const losses = new JudgedLosses(model);
  const { predictions, targets } = await answerSamples(model, samples, rows, subset, options, losses);
  const figures = evaluateHeads(model, predictions, targets, options.resamples);
  return withLosses(model, figures, losses);
}

/** Figures of answers, and behind them those of losses; in the order of the heads. */
function withLosses(model: Model, figures: ModelFigures, losses: JudgedLosses): ModelFigures {
  const ofLosses = losses.figures();
  const joined = Object.keys(model.heads).flatMap((name) => {
    const [own, more] = [figures[name], ofLosses[name]];
    if (!own && !more) return [];
    const metrics = { ...own?.metrics, ...more?.metrics };
    return [[name, { count: own?.count ?? more!.count, metrics, intervals: own?.intervals ?? {} }] as const];
  });
  return Object.fromEntries(joined);
}

/** @throws ConfigError where there are none */
function commonRows(samples: JudgedSamples, modalities: readonly string[]): number[] {
  const common = [...samples.targets.keys()].filter((row) => hasAll(samples, row, modalities));
  if (common.length > 0) return common;
  throw new ConfigError({
    where: 'evaluateSubsets.common',
    expected: `a sample with all of ${modalities.join(', ')}`,
    received: `${samples.length} samples, of which none has`,
    hint: 'Without it each subset is judged on the samples that have all of it.',
  });
}

function hasAll(samples: JudgedSamples, row: number, subset: readonly string[]): boolean {
  const shape = samples.shapeOf(row);
  return subset.every((modality) => modality in shape);
}

function checkModality(model: Model, modality: string): void {
  if (model.modalities.includes(modality)) return;
  throw new ConfigError({
    where: 'evaluateSubsets.subsets',
    expected: 'modalities of the model',
    received: `"${modality}"`,
    hint: suggestNames(modality, model.modalities),
  });
}
