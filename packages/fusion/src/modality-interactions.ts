import { ConfigError, type Encoders, Module, Parameter, StepCounter } from '@polymodal/core';
import { interactionMatrix, type ModalityWeights, modalityBias } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { checkModalities } from './check-modalities';

/** The options of {@link ModalityInteractions}, to spread into the config schema of a fusion. */
export const interactionOptions = {
  /** How much the tokens of one modality attend to those of another: [query][key], 0 to 1. One left out is 1. */
  interactions: z.record(z.string(), z.record(z.string(), z.number().min(0).max(1))).default({}),
  /** Whether these weights are only where training begins. Those of 0 stay. */
  learnInteractions: z.boolean().default(false),
  /**
   * Where these weights go in training, in a straight line, and in how many steps: `{ to: { text: { image: 1 } }, steps: 1000 }`. Those
   * left out stay as they are.
   */
  scheduleInteractions: z
    .object({ to: z.record(z.string(), z.record(z.string(), z.number().min(0).max(1))), steps: z.int().min(1) })
    .optional(),
};

/** Which interactions there are. */
export interface InteractionsConfig {
  readonly interactions: ModalityWeights;
  readonly learnInteractions: boolean;
  readonly scheduleInteractions?: { readonly to: ModalityWeights; readonly steps: number } | undefined;
}

/**
 * By how much modalities interact: weights W in [0, 1] that enter attention as log(W). Learned ones are σ(θ), and begin where the config
 * says, but for 1, which the logistic function does not reach, at 0.98. Scheduled ones go from there to others as training proceeds.
 *
 * @throws UnknownNameError for a modality without an encoder, ConfigError for weights that are both learned and scheduled
 */
export class ModalityInteractions extends Module {
  /** θ of each pair, [S · S] by querying and attended modality, where the weights are learned: one axis, so that no optimiser decays it. */
  readonly logits: Parameter<tf.Rank.R1> | undefined;
  /** How far training has come, where a schedule goes by that. */
  readonly steps: StepCounter | undefined;
  readonly #schedule: { readonly to: number[][]; readonly steps: number } | undefined;
  readonly #fixed: number[][] | undefined;

  constructor(
    { interactions, learnInteractions, scheduleInteractions: schedule }: InteractionsConfig,
    encoders: Encoders,
  ) {
    super();
    const slots = Object.keys(encoders);
    checkInteractions(interactions, encoders, 'fusion.interactions');
    const given = Object.keys(interactions).length > 0;
    if (given || learnInteractions || schedule) this.#fixed = interactionMatrix(interactions, slots);
    if (learnInteractions && schedule) throw learnedAndScheduled();
    if (learnInteractions) {
      const beginning = Float32Array.from(this.#fixed!.flat(), logit);
      this.logits = new Parameter([slots.length ** 2], () => beginning.slice());
    }
    if (schedule) {
      checkInteractions(schedule.to, encoders, 'fusion.scheduleInteractions.to');
      this.#schedule = { to: interactionMatrix(overlaid(interactions, schedule.to), slots), steps: schedule.steps };
      this.steps = new StepCounter();
    }
  }

  /** W (S, S); `undefined` where all are 1. */
  get weights(): tf.Tensor2D | undefined {
    if (!this.#fixed) return undefined;
    if (this.#schedule) return this.#between(tf.tensor2d(this.#fixed), this.#schedule);
    if (!this.logits) return tf.tensor2d(this.#fixed);
    const included = this.#fixed.map((row) => row.map((weight) => (weight > 0 ? 1 : 0)));
    const logits = tf.reshape<tf.Rank.R2>(this.logits.value, [included.length, included.length]);
    return tf.mul<tf.Tensor2D>(tf.sigmoid(logits), tf.tensor2d(included));
  }

  /** As far from where weights begin to where they go as training has come; exactly there at either end. */
  #between(from: tf.Tensor2D, { to, steps }: { readonly to: number[][]; readonly steps: number }): tf.Tensor2D {
    const share = tf.minimum(tf.div(this.steps!.value, steps), 1);
    return tf.add<tf.Tensor2D>(tf.mul(from, tf.sub(1, share)), tf.mul(tf.tensor2d(to), share));
  }

  /**
   * What is added to the logits of attention among tokens.
   *
   * @param owner int32 (B, N): the slot that each token stands for, −1 for none
   */
  bias(owner: tf.Tensor2D): tf.Tensor4D | undefined {
    const { weights } = this;
    return weights && modalityBias(weights, owner, owner);
  }
}

/** σ⁻¹ of a weight, of 0.98 at most; 0 of what stays excluded. */
function logit(weight: number): number {
  const begun = Math.min(weight, 0.98);
  return begun === 0 ? 0 : Math.log(begun / (1 - begun));
}

/** Weights, but for those that others name. */
function overlaid(weights: ModalityWeights, others: ModalityWeights): ModalityWeights {
  const queries = new Set([...Object.keys(weights), ...Object.keys(others)]);
  return Object.fromEntries([...queries].map((query) => [query, { ...weights[query], ...others[query] }]));
}

function checkInteractions(weights: ModalityWeights, encoders: Encoders, where: string): void {
  for (const [query, row] of Object.entries(weights)) checkModalities([query, ...Object.keys(row)], encoders, where);
}

function learnedAndScheduled(): ConfigError {
  return new ConfigError({
    where: 'fusion.scheduleInteractions',
    expected: 'interactions that are either learned or scheduled',
    received: 'both options',
    hint: 'Leave learnInteractions or scheduleInteractions out.',
  });
}
