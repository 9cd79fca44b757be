import {
  addCounts,
  type HostBatch,
  type LossCounts,
  type Losses,
  type Model,
  meanLoss,
  type RandomKey,
  trainingContext,
  uploadBatch,
} from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { NonFiniteLossError } from './errors/non-finite-loss-error';
import { GradientSum } from './gradient-sum';
import type { AdamW, UpdateOptions } from './optimizers/adamw';
import type { Gradients } from './optimizers/parameter-bundle';
import type { OptimizedParameter } from './optimizers/parameter-groups';
import { addTerms, type StepFigures, type TermSums, termMeans } from './step-figures';

/** What an error of a step says of it. */
interface StepPlace {
  readonly where: string;
  /** What there is to go back to, once the parameters are spoilt. */
  readonly wayBack: string;
}

/** Forward, backward and update: a step of training, over one batch or several that count as one. */
export class TrainStep {
  readonly #variables: tf.Variable[];
  readonly #paths: ReadonlyMap<string, string>;

  readonly #model: Model;
  readonly #parameters: readonly OptimizedParameter[];
  readonly #optimizer: AdamW;
  readonly #lossWeights: Readonly<Record<string, number>>;

  constructor(
    model: Model,
    parameters: readonly OptimizedParameter[],
    optimizer: AdamW,
    lossWeights: Readonly<Record<string, number>>,
  ) {
    this.#model = model;
    this.#parameters = parameters;
    this.#optimizer = optimizer;
    this.#lossWeights = lossWeights;
    this.#variables = parameters.map(({ parameter }) => parameter.value);
    this.#paths = new Map(this.#parameters.map(({ path, parameter }) => [parameter.value.name, path]));
  }

  /**
   * Learns from some batches as from one: each term of a loss is divided by what it counts in all of them. `undefined` if no head
   * has anything to learn from them; then nothing changes.
   *
   * @param place how error messages call the step
   * @throws NonFiniteLossError
   */
  async run(
    hosts: readonly HostBatch[],
    key: RandomKey,
    update: UpdateOptions,
    place: StepPlace,
    signal?: AbortSignal,
  ): Promise<StepFigures | undefined> {
    const isWhole = hosts.length === 1;
    const counts = isWhole ? {} : addCounts(hosts.map((host) => this.#model.lossCounts(host)));
    const sum = new GradientSum();
    let [loss, gradientNorm, terms]: [number, number, TermSums] = [0, 0, {}];
    try {
      for (const [index, host] of hosts.entries()) {
        const learn = (gradients: Gradients) => {
          if (isWhole) return this.#optimizer.update(gradients, update);
          sum.add(gradients);
          return tf.scalar(0);
        };
        const own = await this.#run(host, isWhole ? key : key.fold(index), counts, learn, signal);
        if (!own) continue;
        [loss, gradientNorm, terms] = [loss + own.loss, own.gradientNorm, addTerms(terms, own.terms)];
      }
      if (Object.keys(terms).length === 0) return undefined;
      if (!isWhole) gradientNorm = await readScalar(() => this.#optimizer.update(sum.gradients, update));
    } finally {
      sum.dispose();
    }
    const figures: StepFigures = { loss, losses: termMeans(terms).losses, terms, gradientNorm };
    if (!Number.isFinite(loss) || !Number.isFinite(gradientNorm)) throw notFinite(place, hosts, figures);
    return figures;
  }

  /**
   * Computes the gradients of a batch and changes nothing: to see whether the backend can.
   *
   * @throws whatever the backend throws where it cannot
   */
  tryGradients(host: HostBatch, key: RandomKey): void {
    this.#trace(host, key, {}, () => tf.scalar(0), undefined)?.figures.dispose();
  }

  /** One batch: forward, backward and what is made of the gradients, traced without a read in between and read once at the end. */
  async #run(
    host: HostBatch,
    key: RandomKey,
    counts: LossCounts,
    learn: (gradients: Gradients) => tf.Scalar,
    signal: AbortSignal | undefined,
  ) {
    const traced = this.#trace(host, key, counts, learn, signal);
    if (!traced) return undefined;
    const [loss, gradientNorm, ...sums] = await traced.figures.data();
    traced.figures.dispose();
    return { loss, gradientNorm, terms: termSums(traced.losses, sums) };
  }

  #trace(
    host: HostBatch,
    key: RandomKey,
    counts: LossCounts,
    learn: (gradients: Gradients) => tf.Scalar,
    signal: AbortSignal | undefined,
  ) {
    let losses: Losses = {};
    const total = (batch: Parameters<Model['losses']>[0]) => {
      losses = this.#model.losses(batch, trainingContext(key, this.#model, signal));
      const weighted = Object.entries(losses).map(([head, terms]) => {
        for (const { sum } of Object.values(terms)) tf.keep(sum);
        const weight = this.#lossWeights[head] ?? 1;
        const loss = meanLoss(terms, counts[head]);
        return weight === 1 ? loss : tf.mul(loss, weight);
      });
      if (weighted.length === 0) throw new NothingToLearn();
      return weighted.length === 1 ? weighted[0].clone() : (tf.addN(weighted) as tf.Scalar);
    };
    const sums = () => Object.values(losses).flatMap((terms) => Object.values(terms).map(({ sum }) => sum));
    try {
      const figures = tf.tidy(() => {
        const batch = uploadBatch(host);
        const { value, grads } = tf.variableGrads(() => total(batch) as tf.Scalar, this.#variables);
        const gradients = Object.fromEntries(
          Object.entries(grads).map(([name, gradient]) => [this.#paths.get(name)!, gradient]),
        );
        return tf.stack([value, learn(gradients), ...sums()]);
      });
      return { figures, losses };
    } catch (error) {
      disposeTape();
      if (error instanceof NothingToLearn) return undefined;
      throw error;
    } finally {
      tf.dispose(sums());
    }
  }
}

/** The terms of losses, with the numbers that their sums were read as. */
function termSums(losses: Losses, sums: readonly number[]): TermSums {
  let next = 0;
  const ofHead = (terms: Losses[string]) =>
    Object.fromEntries(
      Object.entries(terms).map(([term, { count, weight }]) => [term, { sum: sums[next++], count, weight }]),
    );
  return Object.fromEntries(Object.entries(losses).map(([head, terms]) => [head, ofHead(terms)]));
}

async function readScalar(compute: () => tf.Scalar): Promise<number> {
  const scalar = tf.tidy(compute);
  const [value] = await scalar.data();
  scalar.dispose();
  return value;
}

/** Leaves the gradient computation, which needs a loss, where there is none. */
class NothingToLearn extends Error {}

/**
 * Frees what operations saved for their gradients. TensorFlow.js keeps it beyond `tf.tidy` and frees it only when the
 * gradients are made, so after an error it would stay for good.
 */
function disposeTape(): void {
  const { state } = tf.engine();
  for (const { saved } of state.activeTape ?? []) tf.dispose(saved ?? []);
  state.activeTape = [];
}

function notFinite(
  { where, wayBack }: StepPlace,
  hosts: readonly HostBatch[],
  { losses, gradientNorm }: StepFigures,
): NonFiniteLossError {
  const figures = Object.entries({ ...losses, 'gradient norm': gradientNorm }).map(
    ([name, value]) => `${name} ${value}`,
  );
  const batches = hosts.map(({ size, modalities }) => {
    const combination = Object.entries(modalities).map(([modality, { rows }]) => `${rows.length} × ${modality}`);
    return `a batch of ${size} with ${combination.join(', ')}`;
  });
  return new NonFiniteLossError({
    where: `${where}, ${batches.join(' and ')}`,
    expected: 'finite losses and gradients',
    received: figures.join(', '),
    hint:
      'Lower the learning rate, lengthen the warm-up or look at these samples. ' +
      `The parameters in memory are spoilt, and ${wayBack}.`,
  });
}
