import {
  type Batch,
  ConfigError,
  type Context,
  inferenceContext,
  type Model,
  mapRecord,
  meanLoss,
  suggestNames,
  UnknownNameError,
} from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { inactive } from '../data/active-slots';
import { learningHeads } from '../loss-gradients';
import type { Gradients } from '../optimizers/parameter-bundle';
import type { OptimizedParameter } from '../optimizers/parameter-groups';
import type { StageSettings } from '../stage-options';
import { largestWeights } from '../weighing/loss-weight';
import { learningSlots, slotOf } from './gradient-norms';

/**
 * On-the-fly gradient modulation (OGM-GE, Peng et al. 2022): the encoder of a modality that answers better by itself than the others do learns
 * more slowly, so that it does not leave them nothing to learn.
 */
export interface Modulation {
  readonly use: 'ogm-ge';
  /** By whose loss modalities are compared. */
  readonly head: string;
  /** How strongly an encoder that is ahead is held back: α of eq. 10. Default 0.3. */
  readonly alpha?: number;
  /** Whether matrices of encoders get normal noise as large as their gradients vary, which held back ones would lack (GE, eq. 12). Default true. */
  readonly noise?: boolean;
}

export const modulationSchema = z.strictObject({
  use: z.literal('ogm-ge'),
  head: z.string().min(1),
  alpha: z.number().positive().default(0.3),
  noise: z.boolean().default(true),
});

/**
 * @param learning what learns in the stage
 * @throws UnknownNameError for a head that there is not; ConfigError where modalities cannot be compared by it, or none can be held back
 */
export function checkModulation(
  model: Model,
  { modulation, accumulate, activate, lossWeights }: StageSettings,
  learning: readonly OptimizedParameter[],
  where: string,
): void {
  if (modulation === false) return;
  const { head } = modulation;
  const place = `${where}.modulation`;
  if (!Object.hasOwn(model.heads, head)) {
    throw new UnknownNameError({
      where: `${place}.head`,
      expected: 'the name of a head of the model',
      received: `"${head}"`,
      hint: suggestNames(head, Object.keys(model.heads)),
    });
  }
  const absent = inactive(model.modalities, activate);
  const alone = model.modalities.filter((slot) => !absent.includes(slot) && model.canRun(head, [slot]));
  if (alone.length < 2) {
    const expected = `a head that runs on each of several modalities alone`;
    const received = `${head}, on ${alone.length === 0 ? 'none' : alone[0]}`;
    throw new ConfigError({ where: `${place}.head`, expected, received });
  }
  if (model.heads[head].comparesRows) {
    const expected = 'a head whose loss tells how well each modality answers alone';
    throw new ConfigError({ where: `${place}.head`, expected, received: `${head}, whose loss compares rows` });
  }
  if (!learningHeads(model, largestWeights(lossWeights)).includes(head)) {
    const expected = 'a head that learns, so that its losses tell how far modalities have come';
    throw new ConfigError({ where: `${place}.head`, expected, received: `${head}, of weight 0 (lossWeights)` });
  }
  if (!learningSlots(model, learning).some((slot) => alone.includes(slot))) {
    const expected = `an encoder that learns, to be held back, of ${alone.join(', ')}`;
    throw new ConfigError({ where: place, expected, received: 'none' });
  }
  if (accumulate === 1) return;
  const expected = 'one batch to a step, by which modalities are compared';
  throw new ConfigError({ where: place, expected, received: `accumulate: ${accumulate}` });
}

/**
 * What the gradients of encoders are multiplied by (eq. 8 to 10, for any number of modalities): ρ is how well one does in relation to the mean of
 * the others; where it is above 1, the factor is 1 − tanh(α ρ), else 1.
 *
 * @param losses by slot, the mean loss by that modality alone: exp(−loss) is the mean probability of what is right (the geometric one)
 */
export function modulationFactors(
  losses: Readonly<Record<string, tf.Scalar>>,
  alpha: number,
): Record<string, tf.Scalar> {
  const scores = mapRecord(losses, (loss) => tf.exp<tf.Scalar>(tf.neg(loss)));
  const slots = Object.keys(scores);
  if (slots.length < 2) return mapRecord(losses, () => tf.scalar(1));
  return mapRecord(scores, (score, slot) => {
    const others = tf.mean(tf.stack(slots.filter((other) => other !== slot).map((other) => scores[other])));
    const ratio = tf.div<tf.Scalar>(score, others);
    return tf.where<tf.Scalar>(
      tf.greater(ratio, 1),
      tf.sub<tf.Scalar>(1, tf.tanh(tf.mul(ratio, alpha))),
      tf.onesLike(ratio),
    );
  });
}

/** The mean loss of a head by each modality of a batch alone, as in inference; none where rows differ in what they have, or it learns nothing. */
export function lossesAlone(model: Model, batch: Batch, head: string): Record<string, tf.Scalar> {
  const slots = Object.keys(batch.modalities).filter((slot) => model.canRun(head, [slot]));
  if (slots.some((slot) => batch.modalities[slot].rows.length < batch.size)) return {};
  const made = slots.flatMap((slot) => {
    const { mixture: _, ...whole } = batch;
    const alone = { ...whole, modalities: { [slot]: batch.modalities[slot] } };
    const terms = model.losses(alone, inferenceContext(), [head])[head];
    return terms ? [[slot, meanLoss(terms)] as const] : [];
  });
  return Object.fromEntries(made);
}

/**
 * Gradients as they are modulated: those of encoders times their factor and, with `noise`, those of matrices with normal noise of their own
 * standard deviation (GE).
 */
export function modulatedGradients(
  model: Model,
  gradients: Gradients,
  factors: Readonly<Record<string, tf.Scalar>>,
  { noise }: Modulation,
  context: Context,
): Gradients {
  return mapRecord(gradients, (gradient, path) => {
    const slot = slotOf(path);
    if (slot === undefined || !factors[slot]) return gradient;
    const scaled = tf.mul(gradient, factors[slot]);
    if (!noise || gradient.rank < 2) return scaled;
    const drawn = context.drawFor(model.encoders[slot], gradient.shape as never, (key) => key.normal(gradient.size));
    return tf.add(scaled, tf.mul(drawn, standardDeviation(gradient)));
  });
}

/** Of all values of a tensor, by n − 1. */
function standardDeviation(x: tf.Tensor): tf.Scalar {
  const apart = tf.sub(x, tf.mean(x));
  return tf.sqrt(tf.div<tf.Scalar>(tf.sum(tf.square(apart)), Math.max(1, x.size - 1)));
}
