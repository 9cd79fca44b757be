import { askPart, ConfigError, holdModel, type Model, parseConfig } from '@polymodal/core';
import { z } from 'zod';
import { type Samples, toDataset } from '../data/dataset';
import type { JudgedSamples } from '../data/judged-samples';
import { requireModel } from '../data/require-model';
import { answerSamples } from './answer-samples';
import { type EvaluateOptions, evaluateShape } from './evaluate-options';
import { withJudged } from './with-judged';

/** How to calibrate. */
export type CalibrateOptions = Omit<EvaluateOptions, 'resamples'>;

const { resamples: _, ...shape } = evaluateShape;
const schema = z.strictObject(shape);

/**
 * Fits how the heads of a trained model read their answers to validation data: temperatures, so that a classification is as sure as it is
 * right, and the thresholds of labels. They are kept, and saved, with the model. Outputs and all that was trained stay as they are.
 *
 * Take samples that neither training nor the evaluation has seen: figures over those that were fitted to are too good.
 *
 * ```ts
 * await train(model, { data });
 * await calibrate(model, validationSamples);
 * const { tags } = await evaluate(model, testSamples);
 * ```
 *
 * @returns the heads that were fitted: those that can be, and have a target in some sample
 * @throws ConfigError for a model without any, and for options that cannot be used
 * @throws SampleError for a sample or target that cannot be read, by its index
 * @throws StateError while another call changes the model
 */
export async function calibrate(model: Model, samples: Samples, options: CalibrateOptions = {}): Promise<string[]> {
  requireModel(model, 'calibrate');
  const parsed = parseConfig(schema, options, 'calibrate');
  const dataset = toDataset(samples, 'calibrate');
  requireAble(model, 'calibrate');
  const letGo = holdModel(model, 'calibrate');
  try {
    return await withJudged(model, dataset, options, (samples) =>
      calibrateJudged(model, samples, { ...parsed, signal: options.signal }),
    );
  } finally {
    letGo();
  }
}

/** As {@link calibrate}, for samples that are prepared. */
export async function calibrateJudged(
  model: Model,
  samples: JudgedSamples,
  options: CalibrateOptions,
): Promise<string[]> {
  const all = [...samples.targets.keys()];
  const { predictions, targets } = await answerSamples(model, samples, all, undefined, options);
  return ableHeads(model).flatMap(([name, head]) => {
    const rows = all.filter((row) => name in predictions[row] && targets[row][name]);
    if (rows.length === 0) return [];
    const answers = rows.map((row) => predictions[row][name]);
    const wanted = rows.map((row) => targets[row][name]);
    askPart(`head "${name}"`, 'calibrate()', () => head.calibrate?.(answers, wanted));
    return [name];
  });
}

/** Before anything is learned. @throws ConfigError for a training that is to calibrate at its end and cannot */
export function checkCalibrate(model: Model, isAsked: boolean, hasEvaluation: boolean): void {
  if (!isAsked) return;
  requireAble(model, 'train.calibrate');
  if (hasEvaluation) return;
  throw new ConfigError({
    where: 'train.calibrate',
    expected: 'samples to fit it to, as evaluate',
    received: 'none',
    hint: 'Give some that are not learned from: train(model, { data, evaluate, calibrate: true, … }).',
  });
}

function ableHeads({ heads }: Model) {
  return Object.entries(heads).filter(([, head]) => head.calibrate);
}

function requireAble(model: Model, where: string): void {
  if (ableHeads(model).length > 0) return;
  const received = `only ${Object.keys(model.heads).join(', ')}`;
  throw new ConfigError({ where, expected: 'a model with a head that can be calibrated', received });
}
