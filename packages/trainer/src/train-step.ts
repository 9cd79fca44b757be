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
import * as tf from '@tensorflow/tfjs-core';
import { NonFiniteLossError } from './errors/non-finite-loss-error';
import { comparingHeads, joinedRows, partedRows } from './grad-cache';
import { joinedBatch } from './joined-batch';
import { type LossGradientsOptions, learningHeads, lossGradients, sumsOf } from './loss-gradients';
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

/** How a {@link TrainStep} computes. */
export interface TrainStepOptions {
  /** Whether the backend may take steps without running the code of the model. Default true. */
  readonly replay?: boolean;
  /** Whether layers are computed again for their gradients. Default false. */
  readonly rematerialize?: boolean;
  /** Whether layers become programs of their own, for batches of many shapes. Default false. */
  readonly layersApart?: boolean;
  /** Of parameters over which the norm of each head's own gradient is told; none by default. */
  readonly normsOver?: readonly OptimizedParameter[] | undefined;
  /** Where parameters are pulled back to. */
  readonly startingPoint?: StartingPoint | undefined;
  /** Whether losses that compare rows compare those of all batches of a step. Default false. */
  readonly gradCache?: boolean;
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
  readonly #normsOver: readonly OptimizedParameter[] | undefined;
  readonly #startingPoint: StartingPoint | undefined;
  readonly #whole: ReplayedPass;
  readonly #part: ReplayedPass;
  readonly #update: ReplayedPass;
  readonly #norms: ReplayedPass;
  readonly #gradCache: boolean;
  readonly #rows: ReplayedPass;
  readonly #compare: ReplayedPass;
  readonly #state: ModuleState;
  #now!: CurrentStep;
  #batch!: Batch;

  constructor(
    model: Model,
    parameters: readonly OptimizedParameter[],
    learner: Learner,
    options: TrainStepOptions = {},
  ) {
    const { replay = true, rematerialize = false, layersApart = false, normsOver, startingPoint } = options;
    this.#model = model;
    this.#parameters = parameters;
    this.#learner = learner;
    this.#rematerialize = rematerialize;
    this.#layersApart = layersApart;
    this.#normsOver = normsOver;
    this.#startingPoint = startingPoint;
    this.#whole = new ReplayedPass(() => this.#learn(), replay);
    this.#part = new ReplayedPass((inputs) => this.#addUp(inputs), replay);
    this.#update = new ReplayedPass((sums) => ({ norm: this.#updateBy(sums) }), replay);
    this.#norms = new ReplayedPass(() => ({ figures: tf.stack(this.#headNorms()) }), replay);
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
    const norms = this.#normsOver && (await this.#measureNorms(hosts, ofBatch));
    const made = await this.#runBatches(hosts, ofBatch, joint);
    const figures: StepFigures = {
      ...made,
      losses: termMeans(made.terms).losses,
      ...(norms && { headGradientNorms: norms }),
    };
    const { loss, gradientNorm } = figures;
    if (!Number.isFinite(loss) || !Number.isFinite(gradientNorm)) throw notFinite(place, hosts, figures);
    return figures;
  }

  #runBatches(hosts: readonly HostBatch[], ofBatch: readonly LossCounts[], joint: HostBatch | undefined) {
    const { counts, comparing } = this.#now;
    if (joint && comparing.length > 0) return this.#runCompared(hosts, ofBatch, joint);
    return hosts.length === 1 ? this.#runWhole(hosts[0], counts) : this.#runParts(hosts, ofBatch);
  }

  /** Of the first batch that there is something to learn from: the norms say how heads compare, and those of a sum would cost all batches. */
  async #measureNorms(hosts: readonly HostBatch[], ofBatch: readonly LossCounts[]): Promise<Record<string, number>> {
    const { key, counts } = this.#now;
    const index = ofBatch.findIndex((own) => Object.keys(own).length > 0);
    const own = ofBatch[index];
    this.#now = { ...this.#now, key: hosts.length === 1 ? key : key.fold(index), counts: own };
    const { figures } = this.#take(this.#norms, hosts[index], {}, own);
    const norms = await read(figures);
    this.#now = { ...this.#now, key, counts };
    return Object.fromEntries(Object.keys(own).map((head, place) => [head, norms[place]]));
  }

  /** Gradients and update in one: nothing is read in between. */
  async #runWhole(host: HostBatch, counts: LossCounts) {
    const { figures } = this.#take(this.#whole, host, {}, counts);
    const [loss, gradientNorm, ...sums] = await read(figures);
    return { loss, gradientNorm, terms: termSums(counts, sums) };
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
      const { norm } = this.#update.take({ ...sums }, this.#variantOfUpdate);
      const [gradientNorm] = await read(norm);
      return { loss: weightedLoss(terms, lossWeights), gradientNorm, terms };
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

  #take(pass: ReplayedPass, host: HostBatch, given: tf.NamedTensorMap, counts: LossCounts): tf.NamedTensorMap {
    return tf.tidy(() => {
      this.#batch = uploadBatch(host);
      const state = pass.isReplayed ? this.#state.version(tellOfState) : 0;
      const named = Object.keys(given).filter((name) => !name.startsWith('sum '));
      const variant = [variantOf(host, counts), ...named, this.#variantOfUpdate, `state ${state}`].join(' ');
      return pass.take({ ...tensorsOf(this.#batch), ...given }, variant);
    });
  }

  // What follows is the code of the passes: in a step that is replayed it does not run.

  #learn(): tf.NamedTensorMap {
    const { loss, gradients, terms } = this.#gradients();
    return { figures: tf.stack([loss, this.#updateBy(gradients), ...sumsOf(terms)]) };
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

  /** Of each head that learns, the norm of the gradient that its loss has by itself. */
  #headNorms(): tf.Scalar[] {
    const heads = Object.keys(this.#now.counts);
    return heads.map((head) => {
      const { gradients } = lossGradients(this.#model, this.#normsOver!, this.#batch, {
        key: () => this.#now.key,
        counts: () => this.#now.counts,
        lossWeights: Object.fromEntries(Object.keys(this.#model.heads).map((own) => [own, own === head ? 1 : 0])),
        signal: this.#now.signal,
        rematerialize: this.#rematerialize,
        layersApart: this.#layersApart,
        onKey: this.#onKey,
      })!;
      return clipGradientNorm(Object.values(gradients), undefined).norm;
    });
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
    const wereReplayed = [this.#whole, this.#part, this.#norms, this.#rows, this.#compare].map((pass) => pass.stop());
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

/** All that the code of a step may go by in a batch besides its tensors: which rows have what, and what there is to learn. */
function variantOf({ size, modalities, targets, mixture }: HostBatch, counts: LossCounts): string {
  const ofRows = (rows: Int32Array) => (rows.length === size ? 'all' : rows.join(' '));
  const rows = [modalities, targets, mixture?.targets ?? {}].map((named) =>
    Object.entries(named).map(([name, own]) => [name, ofRows(own.rows)]),
  );
  const terms = Object.entries(counts).map(([head, own]) => [head, ...Object.keys(own)]);
  return JSON.stringify([size, rows, terms]);
}

/** The values of a tensor, which is disposed. */
async function read(tensor: tf.Tensor): Promise<number[]> {
  const values = await tensor.data();
  tensor.dispose();
  return [...values];
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
