import {
  addCounts,
  type Batch,
  type HeadRows,
  type HostBatch,
  type LossCounts,
  type Model,
  mapRecord,
  type RandomKey,
  trainingContext,
  uploadBatch,
} from '@polymodal/core';
import { hostScalars } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { nonFiniteStep, type StepPlace } from './errors/non-finite-loss-error';
import { comparingHeads, joinedRows, partedRows } from './grad-cache';
import { joinedBatch } from './joined-batch';
import { type LossGradientsOptions, learningHeads, lossGradients, sumsOf } from './loss-gradients';
import { gradientNorms, learningSlots, shares } from './modalities/gradient-norms';
import { lossesAlone, type Modulation, modulatedGradients, modulationFactors } from './modalities/modulation';
import { ModuleState } from './module-state';
import { byHead, flattened, prefixed, tensorsOf, withPrefix } from './named-tensors';
import type { AdamW, UpdateOptions } from './optimizers/adamw';
import { clipGradientNorm } from './optimizers/clip-gradient-norm';
import type { Gradients } from './optimizers/parameter-bundle';
import type { OptimizedParameter } from './optimizers/parameter-groups';
import type { StartingPoint } from './optimizers/starting-point';
import type { WeightAverage } from './optimizers/weight-average';
import { ReplayedPass } from './replayed-pass';
import { addTerms, type StepFigures, type TermSums, termMeans, weightedLoss } from './step-figures';
import { stepVariant } from './step-variant';
import { drawOrders, gramMatrix, pairCosines, pairs, projectedGradients } from './weighing/gradient-conflicts';

/** What changes with each step beside the parameters. */
export interface Learner {
  readonly optimizer: AdamW;
  /** Of the weights, where it is asked for. */
  readonly average?: WeightAverage | undefined;
}

/** How a {@link TrainStep} computes. */
export interface TrainStepOptions {
  /** Whether the backend may take steps without running the code of the model. Default true. */
  readonly replay?: boolean;
  /** Whether layers are computed again for their gradients. Default false. */
  readonly rematerialize?: boolean;
  /** Whether layers become programs of their own, for batches of many shapes. Default false. */
  readonly layersApart?: boolean;
  /** How the gradients that heads have by themselves are compared; by default they are not known. */
  readonly comparison?: HeadComparison | undefined;
  /** Where parameters are pulled back to. */
  readonly startingPoint?: StartingPoint | undefined;
  /** Whether losses that compare rows compare those of all batches of a step. Default false. */
  readonly gradCache?: boolean;
  /** How encoders that are ahead are held back. Default not at all. */
  readonly modulation?: Modulation | false;
  /** Whether figures tell how modalities take part. Default where they are modulated. */
  readonly watchModalities?: boolean;
}

/** What is made of the gradients of heads. */
export interface HeadComparison {
  /** What they share. */
  readonly over: readonly OptimizedParameter[];
  /** Whether a step tells the norms and cosines of these gradients. */
  readonly tells: boolean;
  /** Whether it takes from each what works against the others, see `projectedGradients`. */
  readonly projects: boolean;
}

/** What is given to a step. */
export interface StepInput {
  /** Of all that is random in it. */
  readonly key: RandomKey;
  /** Of each head's loss: default 1; a head of weight 0 is not computed. */
  readonly lossWeights: Readonly<Record<string, number>>;
  readonly update: UpdateOptions;
  /** How error messages call it. */
  readonly place: StepPlace;
  readonly signal?: AbortSignal | undefined;
}

/** What the code of a step goes by: another in each, also in those that are replayed. */
interface CurrentStep extends Omit<StepInput, 'place'> {
  readonly counts: LossCounts;
  /** Heads that compare the rows of all batches. */
  readonly comparing: readonly string[];
}

/** Forward, backward and update: a step of training, over one batch or several that count as one. */
export class TrainStep {
  readonly #model: Model;
  readonly #parameters: readonly OptimizedParameter[];
  readonly #learner: Learner;
  readonly #rematerialize: boolean;
  readonly #layersApart: boolean;
  readonly #comparison: HeadComparison | undefined;
  readonly #startingPoint: StartingPoint | undefined;
  readonly #whole: ReplayedPass;
  readonly #part: ReplayedPass;
  readonly #update: ReplayedPass;
  readonly #told: ReplayedPass;
  readonly #gradCache: boolean;
  readonly #rows: ReplayedPass;
  readonly #compare: ReplayedPass;
  readonly #modulation: Modulation | false;
  /** Those of which figures tell. */
  readonly #slots: readonly string[];
  readonly #state: ModuleState;
  #now!: CurrentStep;
  #batch!: Batch;

  constructor(
    model: Model,
    parameters: readonly OptimizedParameter[],
    learner: Learner,
    options: TrainStepOptions = {},
  ) {
    const { replay = true, rematerialize = false, layersApart = false, comparison, startingPoint } = options;
    this.#model = model;
    this.#parameters = parameters;
    this.#learner = learner;
    this.#rematerialize = rematerialize;
    this.#layersApart = layersApart;
    this.#comparison = comparison;
    this.#startingPoint = startingPoint;
    this.#whole = new ReplayedPass(() => this.#learn(), replay);
    this.#part = new ReplayedPass((inputs) => this.#addUp(inputs), replay);
    this.#update = new ReplayedPass(
      (sums) => ({
        norms: tf.stack([this.#updateBy(sums), ...gradientNorms(this.#slots, sums)]),
      }),
      replay,
    );
    this.#told = new ReplayedPass(() => ({ figures: this.#comparedHeads() }), replay);
    this.#modulation = options.modulation ?? false;
    this.#slots = options.watchModalities || options.modulation ? learningSlots(model, parameters) : [];
    this.#gradCache = options.gradCache ?? false;
    this.#rows = new ReplayedPass(() => this.#makeRows(), replay);
    this.#compare = new ReplayedPass((inputs) => this.#compareRows(inputs), replay);
    this.#state = new ModuleState(model);
  }

  /**
   * Learns from some batches as from one: each term of a loss is divided by what it counts in all of them. `undefined` if no head
   * has anything to learn from them; then nothing changes.
   *
   * @throws NonFiniteLossError
   */
  async run(hosts: readonly HostBatch[], { place, ...input }: StepInput): Promise<StepFigures | undefined> {
    const heads = learningHeads(this.#model, input.lossWeights);
    const able = this.#gradCache && hosts.length > 1 ? comparingHeads(this.#model, heads) : [];
    const joint = able.length > 0 ? joinedBatch(hosts, able) : undefined;
    const compared = joint ? this.#model.lossCounts(joint, able) : {};
    const comparing = Object.keys(compared);
    const others = heads.filter((head) => !able.includes(head));
    const ofBatch = hosts.map((host) => this.#model.lossCounts(host, others));
    const counts = { ...addCounts(ofBatch), ...compared };
    if (Object.keys(counts).length === 0) return undefined;
    this.#now = { ...input, counts, comparing };
    const told = this.#comparison?.tells ? await this.#compareHeads(hosts, ofBatch) : {};
    const made = await this.#runBatches(hosts, ofBatch, joint);
    const figures: StepFigures = { ...made, losses: termMeans(made.terms).losses, ...told };
    const { loss, gradientNorm } = figures;
    if (!Number.isFinite(loss) || !Number.isFinite(gradientNorm)) throw nonFiniteStep(place, hosts, figures);
    return figures;
  }

  #runBatches(hosts: readonly HostBatch[], ofBatch: readonly LossCounts[], joint: HostBatch | undefined) {
    const { counts, comparing } = this.#now;
    if (joint && comparing.length > 0) return this.#runCompared(hosts, ofBatch, joint);
    return hosts.length === 1 ? this.#runWhole(hosts[0], counts) : this.#runParts(hosts, ofBatch);
  }

  /** Of the first batch that there is something to learn from: it says how heads compare, and a sum of gradients would cost all batches. */
  async #compareHeads(hosts: readonly HostBatch[], ofBatch: readonly LossCounts[]) {
    const { key, counts } = this.#now;
    const index = ofBatch.findIndex((own) => Object.keys(own).length > 0);
    const own = ofBatch[index];
    this.#now = { ...this.#now, key: hosts.length === 1 ? key : key.fold(index), counts: own };
    const { figures } = this.#take(this.#told, hosts[index], {}, own);
    const values = await read(figures);
    this.#now = { ...this.#now, key, counts };
    const heads = Object.keys(own);
    return {
      headGradientNorms: Object.fromEntries(heads.map((head, place) => [head, values[place]])),
      headGradientCosines: namedCosines(heads, values.slice(heads.length)),
    };
  }

  /** Gradients and update in one: nothing is read in between. */
  async #runWhole(host: HostBatch, counts: LossCounts) {
    const { figures } = this.#take(this.#whole, host, {}, counts);
    const [loss, gradientNorm, ...others] = await read(figures);
    const watched = this.#slots.length * (this.#modulation ? 2 : 1);
    const heads = Object.keys(counts);
    const sums = others.slice(watched);
    const cosines = sums.slice(heads.reduce((sum, head) => sum + Object.keys(counts[head]).length, 0));
    return {
      ...{ loss, gradientNorm, terms: termSums(counts, sums) },
      ...(cosines.length > 0 && { headGradientCosines: namedCosines(heads, cosines) }),
      ...this.#watched(others.slice(0, watched)),
    };
  }

  /**
   * The gradients of one batch are in memory at a time, and their sum.
   *
   * @param from         what is summed up already, which is taken over
   * @param rowGradients of each batch, where rows of all are compared
   */
  async #runParts(
    hosts: readonly HostBatch[],
    ofBatch: readonly LossCounts[],
    from: Gradients = {},
    rowGradients: readonly HeadRows[] = [],
  ) {
    const { key, lossWeights } = this.#now;
    let [terms, sums]: [TermSums, Gradients] = [{}, from];
    try {
      for (const [index, host] of hosts.entries()) {
        const cached = flattened(rowGradients[index] ?? {});
        if (Object.keys(ofBatch[index]).length === 0 && Object.keys(cached).length === 0) continue;
        this.#now = { ...this.#now, key: key.fold(index) };
        const given = { ...prefixed('sum', sums), ...prefixed('rows', cached) };
        const { figures, ...added } = this.#take(this.#part, host, given, ofBatch[index]);
        for (const path of Object.keys(added)) sums[path]?.dispose();
        sums = { ...sums, ...added };
        if (figures) terms = addTerms(terms, termSums(ofBatch[index], await read(figures)));
      }
      const { norms } = this.#update.take({ ...sums }, this.#variantOfUpdate);
      const [gradientNorm, ...watched] = await read(norms);
      return { loss: weightedLoss(terms, lossWeights), gradientNorm, terms, ...this.#watched(watched) };
    } finally {
      tf.dispose({ ...sums });
    }
  }

  /**
   * Rows of all batches are compared (GradCache, Gao et al. 2021, section 3.2): first what is compared is made of each batch, and nothing else
   * kept; then the loss has its gradients by all of it; with these each batch is computed again, by the same key, with what it learns else.
   */
  async #runCompared(hosts: readonly HostBatch[], ofBatch: readonly LossCounts[], joint: HostBatch) {
    const { key, counts, comparing, lossWeights } = this.#now;
    const compared = Object.fromEntries(comparing.map((head) => [head, counts[head]]));
    const ofStep = this.#now;
    const parts: HeadRows[] = [];
    let byRows: readonly HeadRows[] = [];
    try {
      for (const [index, host] of hosts.entries()) {
        this.#now = { ...ofStep, key: key.fold(index) };
        parts.push(byHead(this.#take(this.#rows, host, {}, compared), comparing));
      }
      this.#now = ofStep;
      const rows = Object.assign({}, ...parts.map((own, index) => prefixed(`part ${index}`, flattened(own))));
      const { figures, ...made } = this.#take(this.#compare, joint, rows, compared);
      byRows = hosts.map((_, index) => byHead(withPrefix(`part ${index}`, made), comparing));
      const terms = termSums(compared, await read(figures));
      const others = await this.#runParts(hosts, ofBatch, withPrefix('sum', made), byRows);
      return { ...others, loss: others.loss + weightedLoss(terms, lossWeights), terms: { ...others.terms, ...terms } };
    } finally {
      for (const own of [...parts, ...byRows]) tf.dispose(flattened(own));
    }
  }

  /** @param numbers norms of the gradients of slots, and factors where there are such */
  #watched(numbers: readonly number[]): Pick<StepFigures, 'modalities'> {
    if (this.#slots.length === 0) return {};
    const byShare = shares(Object.fromEntries(this.#slots.map((slot, index) => [slot, numbers[index]])));
    const factorOf = (index: number) => (this.#modulation ? { factor: numbers[this.#slots.length + index] } : {});
    return {
      modalities: Object.fromEntries(
        this.#slots.map((slot, index) => [slot, { gradientShare: byShare[slot], ...factorOf(index) }]),
      ),
    };
  }

  #take(pass: ReplayedPass, host: HostBatch, given: tf.NamedTensorMap, counts: LossCounts): tf.NamedTensorMap {
    return tf.tidy(() => {
      this.#batch = uploadBatch(host);
      const state = pass.isReplayed ? this.#state.version(tellOfState) : 0;
      const named = Object.keys(given).filter((name) => !name.startsWith('sum '));
      const variant = [stepVariant(host, counts), ...named, this.#variantOfUpdate, `state ${state}`].join(' ');
      return pass.take({ ...tensorsOf(this.#batch), ...given }, variant);
    });
  }

  // What follows is the code of the passes: in a step that is replayed it does not run.

  #learn(): tf.NamedTensorMap {
    if (this.#comparison?.projects && Object.keys(this.#now.counts).length > 1) return this.#learnProjected();
    const { loss, gradients, terms } = this.#gradients();
    return { figures: tf.stack([loss, ...this.#takeStep(gradients), ...sumsOf(terms)]) };
  }

  /** The update; it gives the norm of all gradients, and what is told of slots. */
  #takeStep(gradients: Gradients): readonly tf.Scalar[] {
    const norms = gradientNorms(this.#slots, gradients);
    const { used, factors } = this.#modulated(gradients);
    return [this.#updateBy(used), ...norms, ...factors];
  }

  /** Gradients as they are used, and what those of each slot were multiplied by, where they are. */
  #modulated(gradients: Gradients): { readonly used: Gradients; readonly factors: readonly tf.Scalar[] } {
    if (!this.#modulation) return { used: gradients, factors: [] };
    const { head, alpha = 0.3 } = this.#modulation;
    const factors = modulationFactors(lossesAlone(this.#model, this.#batch, head), alpha);
    const context = trainingContext(() => this.#now.key.fold('modulation'), this.#model, { onKey: this.#onKey });
    return {
      used: modulatedGradients(this.#model, gradients, factors, this.#modulation, context),
      factors: this.#slots.map((slot) => factors[slot] ?? tf.scalar(1)),
    };
  }

  /** The heads' gradients are made one by one; what they share goes by what is left of each, all else by their sum. */
  #learnProjected(): tf.NamedTensorMap {
    const heads = Object.keys(this.#now.counts);
    const made = heads.map((head) => this.#gradientsOf(head, this.#parameters, () => this.#now.lossWeights[head] ?? 1));
    const over = this.#comparison!.over.map(({ path }) => path);
    const orders = hostScalars(() => drawOrders(heads.length, this.#now.key.fold('orders')));
    const { gradients, cosines } = projectedGradients(
      made.map((own) => own.gradients),
      over,
      orders,
    );
    const loss = tf.addN(made.map((own) => own.loss));
    const sums = made.flatMap(({ terms }) => sumsOf(terms));
    return { figures: tf.concat([tf.stack([loss, ...this.#takeStep(gradients), ...sums]), cosines]) };
  }

  /** @param inputs sums of gradients among them, to which those of the batch are added, and gradients by its rows */
  #addUp(inputs: tf.NamedTensorMap): tf.NamedTensorMap {
    const { comparing } = this.#now;
    const known = Object.fromEntries(comparing.map((head) => [head, withPrefix(`rows ${head}`, inputs)]));
    const { gradients, terms } = this.#gradients({ rowGradients: known });
    const others = Object.fromEntries(Object.entries(terms).filter(([head]) => !comparing.includes(head)));
    const sums = sumsOf(others);
    const before = withPrefix('sum', inputs);
    const added = mapRecord(gradients, (own, path) => (before[path] ? tf.add(before[path], own) : own));
    return { ...added, ...(sums.length > 0 && { figures: tf.stack(sums) }) };
  }

  /** What the heads compare that compare the rows of all batches. */
  #makeRows(): tf.NamedTensorMap {
    const context = trainingContext(() => this.#now.key, this.#model, { signal: this.#now.signal, onKey: this.#onKey });
    return mapRecord(flattened(this.#model.rowTensors(this.#batch, context, this.#now.comparing)), (own) =>
      own.clone(),
    );
  }

  /** @param inputs what was made of each batch */
  #compareRows(inputs: tf.NamedTensorMap): tf.NamedTensorMap {
    const { comparing } = this.#now;
    const parts = partsIn(inputs).map((own) => byHead(own, comparing));
    const { gradients, rowGradients, terms } = this.#gradients({ rows: joinedRows(parts) });
    const apart = partedRows(rowGradients, parts).map((own, index) => prefixed(`part ${index}`, flattened(own)));
    return { figures: tf.stack(sumsOf(terms)), ...prefixed('sum', gradients), ...Object.assign({}, ...apart) };
  }

  #gradients(options: Pick<LossGradientsOptions, 'rows' | 'rowGradients'> = {}) {
    return lossGradients(this.#model, this.#parameters, this.#batch, {
      ...options,
      key: () => this.#now.key,
      counts: () => this.#now.counts,
      lossWeights: () => this.#now.lossWeights,
      signal: this.#now.signal,
      rematerialize: this.#rematerialize,
      layersApart: this.#layersApart,
      onKey: this.#onKey,
    })!;
  }

  /** Of heads that learn, the norms of the gradients that their losses have by themselves, and the cosines between these. */
  #comparedHeads(): tf.Tensor1D {
    const heads = Object.keys(this.#now.counts);
    const gradients = heads.map((head) => this.#gradientsOf(head, this.#comparison!.over, () => 1).gradients);
    const norms = gradients.map((own) => clipGradientNorm(Object.values(own), undefined).norm);
    return tf.concat([tf.stack(norms) as tf.Tensor1D, pairCosines(gramMatrix(gradients))]);
  }

  /** What the loss of one head comes to by itself. */
  #gradientsOf(head: string, parameters: readonly OptimizedParameter[], weight: () => number) {
    return lossGradients(this.#model, parameters, this.#batch, {
      key: () => this.#now.key,
      counts: () => this.#now.counts,
      lossWeights: () => mapRecord(this.#model.heads, (_, own) => (own === head ? weight() : 0)),
      signal: this.#now.signal,
      rematerialize: this.#rematerialize,
      layersApart: this.#layersApart,
      onKey: this.#onKey,
    })!;
  }

  #updateBy(gradients: Gradients): tf.Scalar {
    const { clipGradientNorm } = this.#now.update;
    const learningRate = (full: number) => this.#now.update.learningRate(full);
    const pulled = this.#startingPoint?.pulled(gradients) ?? gradients;
    const norm = this.#learner.optimizer.update(pulled, { learningRate, clipGradientNorm });
    this.#learner.average?.update();
    return norm;
  }

  /** What a part draws by itself would be the same in each replayed step. */
  readonly #onKey = () => {
    const wereReplayed = [this.#whole, this.#part, this.#told, this.#rows, this.#compare].map((pass) => pass.stop());
    if (!wereReplayed.includes(true)) return;
    const message =
      'A part of the model draws random numbers by itself (context.keyFor), so its code is run in each step of training. ' +
      'With context.drawFor the steps would be replayed, which is faster.';
    process.emitWarning(message, { type: 'PolymodalWarning', code: 'POLYMODAL_RECORDED' });
  };

  get #variantOfUpdate(): string {
    return `clip ${this.#now.update.clipGradientNorm}`;
  }
}

/** Tensors of several batches, named `part <index> <name>`; a batch may have none. */
function partsIn(tensors: tf.NamedTensorMap): tf.NamedTensorMap[] {
  const indices = Object.keys(tensors).flatMap((name) => /^part (\d+) /.exec(name)?.[1] ?? []);
  return Array.from({ length: 1 + Math.max(...indices.map(Number)) }, (_, index) =>
    withPrefix(`part ${index}`, tensors),
  );
}

function namedCosines(heads: readonly string[], cosines: readonly number[]): Record<string, number> {
  return Object.fromEntries(pairs(heads.length).map(([i, j], place) => [`${heads[i]}, ${heads[j]}`, cosines[place]]));
}

/** The terms of losses, with the numbers that their sums were read as. */
function termSums(counts: LossCounts, sums: readonly number[]): TermSums {
  let next = 0;
  const ofHead = (terms: LossCounts[string]) =>
    Object.fromEntries(Object.entries(terms).map(([term, own]) => [term, { sum: sums[next++], ...own }]));
  return Object.fromEntries(Object.entries(counts).map(([head, terms]) => [head, ofHead(terms)]));
}

function tellOfState(property: string): void {
  const message =
    `A part of the model keeps "${property}" in JavaScript, which changes between steps of training: its code is run in each step after a change. ` +
    'With a StepCounter, or another buffer, in its place the steps would be replayed, which is faster.';
  process.emitWarning(message, { type: 'PolymodalWarning', code: 'POLYMODAL_RECORDED' });
}

/** The values of a tensor, which is disposed. */
async function read(tensor: tf.Tensor): Promise<number[]> {
  const values = await tensor.data();
  tensor.dispose();
  return [...values];
}
