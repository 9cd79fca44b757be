import {
  addCounts,
  type HostBatch,
  type LossCounts,
  type Losses,
  type Model,
  type RandomKey,
  uploadBatch,
} from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { NonFiniteLossError } from './errors/non-finite-loss-error';
import { GradientSum } from './gradient-sum';
import { learningHeads, lossGradients, sumsOf } from './loss-gradients';
import type { AdamW, UpdateOptions } from './optimizers/adamw';
import type { Gradients } from './optimizers/parameter-bundle';
import type { OptimizedParameter } from './optimizers/parameter-groups';
import type { WeightAverage } from './optimizers/weight-average';
import { addTerms, type StepFigures, type TermSums, termMeans } from './step-figures';

/** What an error of a step says of it. */
interface StepPlace {
  readonly where: string;
  /** What there is to go back to, once the parameters are spoilt. */
  readonly wayBack: string;
}

/** What changes with each step beside the parameters. */
export interface Learner {
  readonly optimizer: AdamW;
  /** Of the weights, where it is asked for. */
  readonly average?: WeightAverage | undefined;
}

/** Forward, backward and update: a step of training, over one batch or several that count as one. */
export class TrainStep {
  readonly #model: Model;
  readonly #parameters: readonly OptimizedParameter[];
  readonly #optimizer: AdamW;
  readonly #average: WeightAverage | undefined;
  readonly #lossWeights: Readonly<Record<string, number>>;

  constructor(
    model: Model,
    parameters: readonly OptimizedParameter[],
    { optimizer, average }: Learner,
    lossWeights: Readonly<Record<string, number>>,
  ) {
    this.#model = model;
    this.#parameters = parameters;
    this.#optimizer = optimizer;
    this.#average = average;
    this.#lossWeights = lossWeights;
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
    const heads = learningHeads(this.#model, this.#lossWeights);
    const counts = isWhole ? {} : addCounts(hosts.map((host) => this.#model.lossCounts(host, heads)));
    const sum = new GradientSum();
    let [loss, gradientNorm, terms]: [number, number, TermSums] = [0, 0, {}];
    try {
      for (const [index, host] of hosts.entries()) {
        const learn = (gradients: Gradients) => {
          if (isWhole) return this.#update(gradients, update);
          sum.add(gradients);
          return tf.scalar(0);
        };
        const own = await this.#run(host, isWhole ? key : key.fold(index), counts, learn, signal);
        if (!own) continue;
        [loss, gradientNorm, terms] = [loss + own.loss, own.gradientNorm, addTerms(terms, own.terms)];
      }
      if (Object.keys(terms).length === 0) return undefined;
      if (!isWhole) gradientNorm = await readScalar(() => this.#update(sum.gradients, update));
    } finally {
      sum.dispose();
    }
    const figures: StepFigures = { loss, losses: termMeans(terms).losses, terms, gradientNorm };
    if (!Number.isFinite(loss) || !Number.isFinite(gradientNorm)) throw notFinite(place, hosts, figures);
    return figures;
  }

  #update(gradients: Gradients, update: UpdateOptions): tf.Scalar {
    const norm = this.#optimizer.update(gradients, update);
    this.#average?.update();
    return norm;
  }

  /** One batch: forward, backward and what is made of the gradients, traced without a read in between and read once at the end. */
  async #run(
    host: HostBatch,
    key: RandomKey,
    counts: LossCounts,
    learn: (gradients: Gradients) => tf.Scalar,
    signal: AbortSignal | undefined,
  ) {
    let losses: Losses = {};
    const figures = tf.tidy(() => {
      const options = { key, counts, lossWeights: this.#lossWeights, signal };
      const made = lossGradients(this.#model, this.#parameters, uploadBatch(host), options);
      if (!made) return undefined;
      losses = made.terms;
      return tf.stack([made.loss, learn(made.gradients), ...sumsOf(losses)]);
    });
    if (!figures) return undefined;
    const [loss, gradientNorm, ...sums] = await figures.data();
    figures.dispose();
    return { loss, gradientNorm, terms: termSums(losses, sums) };
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
