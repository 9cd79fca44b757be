import { askPart, ConfigError, holdModel, type Model, parseConfig } from '@polymodal/core';
import { z } from 'zod';
import { type Samples, toDataset } from '../data/dataset';
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
  const able = Object.entries(model.heads).filter(([, head]) => head.calibrate);
  if (able.length === 0) {
    const received = `only ${Object.keys(model.heads).join(', ')}`;
    throw new ConfigError({ where: 'calibrate', expected: 'a model with a head that can be calibrated', received });
  }
  const letGo = holdModel(model, 'calibrate');
  try {
    return await withJudged(model, dataset, options, async (samples) => {
      const all = [...samples.targets.keys()];
      const { predictions, targets } = await answerSamples(model, samples, all, undefined, {
        ...parsed,
        signal: options.signal,
      });
      return able.flatMap(([name, head]) => {
        const rows = all.filter((row) => name in predictions[row] && targets[row][name]);
        if (rows.length === 0) return [];
        const answers = rows.map((row) => predictions[row][name]);
        const wanted = rows.map((row) => targets[row][name]);
        askPart(`head "${name}"`, 'calibrate()', () => head.calibrate?.(answers, wanted));
        return [name];
      });
    });
  } finally {
    letGo();
  }
}
