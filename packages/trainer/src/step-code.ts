import { type Batch, type LossCounts, type Model, mapRecord, type RandomKey, trainingContext } from '@polymodal/core';
import { hostScalars } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { joinedRows, partedRows } from './grad-cache';
import type { Learner } from './learner';
import { type LossGradientsOptions, lossGradients, sumsOf } from './loss-gradients';
import { gradientNorms, learningSlots } from './modalities/gradient-norms';
import { lossesAlone, type Modulation, modulatedGradients, modulationFactors } from './modalities/modulation';
import { byHead, flattened, prefixed, withPrefix } from './named-tensors';
import type { UpdateOptions } from './optimizers/adamw';
import { clipGradientNorm } from './optimizers/clip-gradient-norm';
import type { Gradients } from './optimizers/parameter-bundle';
import type { OptimizedParameter } from './optimizers/parameter-groups';
import type { StartingPoint } from './optimizers/starting-point';
import { drawOrders, gramMatrix, pairCosines, projectedGradients } from './weighing/gradient-conflicts';

/** How gradients are made, and what is made of them. */
export interface StepCodeOptions {
  /** Whether layers are computed again for their gradients. Default false. */
  readonly rematerialize?: boolean;
  /** Whether layers become programs of their own, for batches of many shapes. Default false. */
  readonly layersApart?: boolean;
  /** How the gradients that heads have by themselves are compared; by default they are not known. */
  readonly comparison?: HeadComparison | undefined;
  /** Where parameters are pulled back to. */
  readonly startingPoint?: StartingPoint | undefined;
  /** How encoders that are ahead are held back. Default not at all. */
  readonly modulation?: Modulation | false;
  /** Whether figures tell how modalities take part. Default where they are modulated. */
  readonly watchModalities?: boolean;
}

/** What is made of the gradients of heads. */
interface HeadComparison {
  /** What they share. */
  readonly over: readonly OptimizedParameter[];
  /** Whether a step tells the norms and cosines of these gradients. */
  readonly tells: boolean;
  /** Whether it takes from each what works against the others, see `projectedGradients`. */
  readonly projects: boolean;
}

/** What the code of a step goes by: another in each, also in those that are replayed. */
export interface CurrentStep {
  /** Of all that is random in it. */
  readonly key: RandomKey;
  /** Of each head's loss: default 1; a head of weight 0 is not computed. */
  readonly lossWeights: Readonly<Record<string, number>>;
  readonly update: UpdateOptions;
  readonly signal?: AbortSignal | undefined;
  readonly counts: LossCounts;
  /** Heads that compare the rows of all batches. */
  readonly comparing: readonly string[];
}

/** Beside what all gradients of a step are made by. */
interface GradientOptions extends Partial<Pick<LossGradientsOptions, 'rows' | 'rowGradients' | 'lossWeights'>> {
  readonly parameters?: readonly OptimizedParameter[];
}

/** What the passes of a step compute: in a step that is replayed none of it runs. */
export class StepCode {
  readonly #model: Model;
  readonly #parameters: readonly OptimizedParameter[];
  readonly #learner: Learner;
  readonly #options: StepCodeOptions;
  readonly #onKey: () => void;
  /** Those of which figures tell. */
  readonly slots: readonly string[];
  now!: CurrentStep;
  batch!: Batch;

  /** @param onKey called where a part draws random numbers that would be the same in each replayed step */
  constructor(
    model: Model,
    parameters: readonly OptimizedParameter[],
    learner: Learner,
    options: StepCodeOptions,
    onKey: () => void,
  ) {
    this.#model = model;
    this.#parameters = parameters;
    this.#learner = learner;
    this.#options = options;
    this.#onKey = onKey;
    this.slots = options.watchModalities || options.modulation ? learningSlots(model, parameters) : [];
  }

  /** Gradients of one batch and the update: figures are the loss, what {@link update} tells, factors of slots, sums of terms, cosines. */
  learn(): tf.NamedTensorMap {
    if (this.#options.comparison?.projects && Object.keys(this.now.counts).length > 1) return this.#learnProjected();
    const { loss, gradients, terms } = this.#gradients();
    return { figures: tf.stack([loss, ...this.#takeStep(gradients), ...sumsOf(terms)]) };
  }

  /** The update; it gives the norm of all gradients, and what is told of slots. */
  #takeStep(gradients: Gradients): readonly tf.Scalar[] {
    const norms = gradientNorms(this.slots, gradients);
    const { used, factors } = this.#modulated(gradients);
    return [this.#updateBy(used), ...norms, ...factors];
  }

  /** Gradients as they are used, and what those of each slot were multiplied by, where they are. */
  #modulated(gradients: Gradients): { readonly used: Gradients; readonly factors: readonly tf.Scalar[] } {
    if (!this.#options.modulation) return { used: gradients, factors: [] };
    const { head, alpha = 0.3 } = this.#options.modulation;
    const factors = modulationFactors(lossesAlone(this.#model, this.batch, head), alpha);
    const context = trainingContext(() => this.now.key.fold('modulation'), this.#model, { onKey: this.#onKey });
    return {
      used: modulatedGradients(this.#model, gradients, factors, this.#options.modulation, context),
      factors: this.slots.map((slot) => factors[slot] ?? tf.scalar(1)),
    };
  }

  /** The heads' gradients are made one by one; what they share goes by what is left of each, all else by their sum. */
  #learnProjected(): tf.NamedTensorMap {
    const heads = Object.keys(this.now.counts);
    const made = heads.map((head) => this.#gradientsOf(head, this.#parameters, () => this.now.lossWeights[head] ?? 1));
    const over = this.#options.comparison!.over.map(({ path }) => path);
    const orders = hostScalars(() => drawOrders(heads.length, this.now.key.fold('orders')));
    const { gradients, cosines } = projectedGradients(
      made.map((own) => own.gradients),
      over,
      orders,
    );
    const loss = tf.addN(made.map((own) => own.loss));
    const sums = made.flatMap(({ terms }) => sumsOf(terms));
    return { figures: tf.concat([tf.stack([loss, ...this.#takeStep(gradients), ...sums]), cosines]) };
  }

  /** The update by gradients that were added up; it gives the norm of all of them, and those of slots. */
  update(sums: Gradients): tf.NamedTensorMap {
    return { norms: tf.stack([this.#updateBy(sums), ...gradientNorms(this.slots, sums)]) };
  }

  /** @param inputs sums of gradients among them, to which those of the batch are added, and gradients by its rows */
  addUp(inputs: tf.NamedTensorMap): tf.NamedTensorMap {
    const { comparing } = this.now;
    const known = Object.fromEntries(comparing.map((head) => [head, withPrefix(`rows ${head}`, inputs)]));
    const { gradients, terms } = this.#gradients({ rowGradients: known });
    const others = Object.fromEntries(Object.entries(terms).filter(([head]) => !comparing.includes(head)));
    const sums = sumsOf(others);
    const before = withPrefix('sum', inputs);
    const added = mapRecord(gradients, (own, path) => (before[path] ? tf.add(before[path], own) : own));
    return { ...added, ...(sums.length > 0 && { figures: tf.stack(sums) }) };
  }

  /** What the heads compare that compare the rows of all batches. */
  makeRows(): tf.NamedTensorMap {
    const context = trainingContext(() => this.now.key, this.#model, { signal: this.now.signal, onKey: this.#onKey });
    return mapRecord(flattened(this.#model.rowTensors(this.batch, context, this.now.comparing)), (own) => own.clone());
  }

  /** @param inputs what was made of each batch */
  compareRows(inputs: tf.NamedTensorMap): tf.NamedTensorMap {
    const { comparing } = this.now;
    const parts = partsIn(inputs).map((own) => byHead(own, comparing));
    const { gradients, rowGradients, terms } = this.#gradients({ rows: joinedRows(parts) });
    const apart = partedRows(rowGradients, parts).map((own, index) => prefixed(`part ${index}`, flattened(own)));
    return { figures: tf.stack(sumsOf(terms)), ...prefixed('sum', gradients), ...Object.assign({}, ...apart) };
  }

  /** @param options where other parameters learn, by other weights, or rows are known already */
  #gradients({ parameters = this.#parameters, ...options }: GradientOptions = {}) {
    return lossGradients(this.#model, parameters, this.batch, {
      key: () => this.now.key,
      counts: () => this.now.counts,
      lossWeights: () => this.now.lossWeights,
      signal: this.now.signal,
      rematerialize: this.#options.rematerialize ?? false,
      layersApart: this.#options.layersApart ?? false,
      onKey: this.#onKey,
      ...options,
    })!;
  }

  /** Of heads that learn, the norms of the gradients that their losses have by themselves, and the cosines between these. */
  compareHeads(): tf.NamedTensorMap {
    const heads = Object.keys(this.now.counts);
    const gradients = heads.map((head) => this.#gradientsOf(head, this.#options.comparison!.over, () => 1).gradients);
    const norms = gradients.map((own) => clipGradientNorm(Object.values(own), undefined).norm);
    return { figures: tf.concat([tf.stack(norms) as tf.Tensor1D, pairCosines(gramMatrix(gradients))]) };
  }

  /** What the loss of one head comes to by itself. */
  #gradientsOf(head: string, parameters: readonly OptimizedParameter[], weight: () => number) {
    const lossWeights = () => mapRecord(this.#model.heads, (_, own) => (own === head ? weight() : 0));
    return this.#gradients({ parameters, lossWeights });
  }

  #updateBy(gradients: Gradients): tf.Scalar {
    const { clipGradientNorm } = this.now.update;
    const learningRate = (full: number) => this.now.update.learningRate(full);
    const pulled = this.#options.startingPoint?.pulled(gradients) ?? gradients;
    const norm = this.#learner.optimizer.update(pulled, { learningRate, clipGradientNorm });
    this.#learner.average?.update();
    return norm;
  }
}

/** Tensors of several batches, named `part <index> <name>`; a batch may have none. */
function partsIn(tensors: tf.NamedTensorMap): tf.NamedTensorMap[] {
  const indices = Object.keys(tensors).flatMap((name) => /^part (\d+) /.exec(name)?.[1] ?? []);
  return Array.from({ length: 1 + Math.max(...indices.map(Number)) }, (_, index) =>
    withPrefix(`part ${index}`, tensors),
  );
}
