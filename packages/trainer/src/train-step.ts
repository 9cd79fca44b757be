import { addCounts, type HeadRows, type HostBatch, type LossCounts, type Model, uploadBatch } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { nonFiniteStep, type StepPlace } from './errors/non-finite-loss-error';
import { comparingHeads } from './grad-cache';
import { joinedBatch } from './joined-batch';
import type { Learner } from './learner';
import { learningHeads } from './loss-gradients';
import { shares } from './modalities/gradient-norms';
import { ModuleState } from './module-state';
import { byHead, flattened, prefixed, tensorsOf, withPrefix } from './named-tensors';
import type { Gradients } from './optimizers/parameter-bundle';
import type { OptimizedParameter } from './optimizers/parameter-groups';
import { ReplayedPass } from './replayed-pass';
import { type CurrentStep, StepCode, type StepCodeOptions } from './step-code';
import { addTerms, type StepFigures, type TermSums, termMeans, weightedLoss } from './step-figures';
import { stepVariant } from './step-variant';
import { pairs } from './weighing/gradient-conflicts';

/** How a {@link TrainStep} computes. */
export interface TrainStepOptions extends StepCodeOptions {
  /** Whether the backend may take steps without running the code of the model. Default true. */
  readonly replay?: boolean;
  /** Whether losses that compare rows compare those of all batches of a step. Default false. */
  readonly gradCache?: boolean;
}

/** What is given to a step. */
export interface StepInput extends Omit<CurrentStep, 'counts' | 'comparing'> {
  /** How error messages call it. */
  readonly place: StepPlace;
}

/** Forward, backward and update: a step of training, over one batch or several that count as one. */
export class TrainStep {
  readonly #model: Model;
  readonly #code: StepCode;
  readonly #options: TrainStepOptions;
  readonly #whole: ReplayedPass;
  readonly #part: ReplayedPass;
  readonly #update: ReplayedPass;
  readonly #told: ReplayedPass;
  readonly #rows: ReplayedPass;
  readonly #compare: ReplayedPass;
  readonly #state: ModuleState;

  constructor(
    model: Model,
    parameters: readonly OptimizedParameter[],
    learner: Learner,
    options: TrainStepOptions = {},
  ) {
    const { replay = true } = options;
    const code = new StepCode(model, parameters, learner, options, this.#onKey);
    this.#model = model;
    this.#code = code;
    this.#options = options;
    this.#whole = new ReplayedPass(() => code.learn(), replay);
    this.#part = new ReplayedPass((inputs) => code.addUp(inputs), replay);
    this.#update = new ReplayedPass((sums) => code.update(sums), replay);
    this.#told = new ReplayedPass(() => code.compareHeads(), replay);
    this.#rows = new ReplayedPass(() => code.makeRows(), replay);
    this.#compare = new ReplayedPass((inputs) => code.compareRows(inputs), replay);
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
    const able = this.#options.gradCache && hosts.length > 1 ? comparingHeads(this.#model, heads) : [];
    const joint = able.length > 0 ? joinedBatch(hosts, able) : undefined;
    const compared = joint ? this.#model.lossCounts(joint, able) : {};
    const comparing = Object.keys(compared);
    const others = heads.filter((head) => !able.includes(head));
    const ofBatch = hosts.map((host) => this.#model.lossCounts(host, others));
    const counts = { ...addCounts(ofBatch), ...compared };
    if (Object.keys(counts).length === 0) return undefined;
    this.#code.now = { ...input, counts, comparing };
    const told = this.#options.comparison?.tells ? await this.#compareHeads(hosts, ofBatch) : {};
    const made = await this.#runBatches(hosts, ofBatch, joint);
    const figures: StepFigures = { ...made, losses: termMeans(made.terms).losses, ...told };
    const { loss, gradientNorm } = figures;
    if (!Number.isFinite(loss) || !Number.isFinite(gradientNorm)) throw nonFiniteStep(place, hosts, figures);
    return figures;
  }

  #runBatches(hosts: readonly HostBatch[], ofBatch: readonly LossCounts[], joint: HostBatch | undefined) {
    const { counts, comparing } = this.#code.now;
    if (joint && comparing.length > 0) return this.#runCompared(hosts, ofBatch, joint);
    return hosts.length === 1 ? this.#runWhole(hosts[0], counts) : this.#runParts(hosts, ofBatch);
  }

  /** Of the first batch that there is something to learn from: it says how heads compare, and a sum of gradients would cost all batches. */
  async #compareHeads(hosts: readonly HostBatch[], ofBatch: readonly LossCounts[]) {
    const { key, counts } = this.#code.now;
    const index = ofBatch.findIndex((own) => Object.keys(own).length > 0);
    const own = ofBatch[index];
    this.#code.now = { ...this.#code.now, key: hosts.length === 1 ? key : key.fold(index), counts: own };
    const { figures } = this.#take(this.#told, hosts[index], {}, own);
    const values = await read(figures);
    this.#code.now = { ...this.#code.now, key, counts };
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
    const watched = this.#code.slots.length * (this.#options.modulation ? 2 : 1);
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
    const { key, lossWeights } = this.#code.now;
    let [terms, sums]: [TermSums, Gradients] = [{}, from];
    try {
      for (const [index, host] of hosts.entries()) {
        const cached = flattened(rowGradients[index] ?? {});
        if (Object.keys(ofBatch[index]).length === 0 && Object.keys(cached).length === 0) continue;
        this.#code.now = { ...this.#code.now, key: key.fold(index) };
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
    const { key, counts, comparing, lossWeights } = this.#code.now;
    const compared = Object.fromEntries(comparing.map((head) => [head, counts[head]]));
    const ofStep = this.#code.now;
    const parts: HeadRows[] = [];
    let byRows: readonly HeadRows[] = [];
    try {
      for (const [index, host] of hosts.entries()) {
        this.#code.now = { ...ofStep, key: key.fold(index) };
        parts.push(byHead(this.#take(this.#rows, host, {}, compared), comparing));
      }
      this.#code.now = ofStep;
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
    if (this.#code.slots.length === 0) return {};
    const byShare = shares(Object.fromEntries(this.#code.slots.map((slot, index) => [slot, numbers[index]])));
    const factorOf = (index: number) =>
      this.#options.modulation ? { factor: numbers[this.#code.slots.length + index] } : {};
    return {
      modalities: Object.fromEntries(
        this.#code.slots.map((slot, index) => [slot, { gradientShare: byShare[slot], ...factorOf(index) }]),
      ),
    };
  }

  #take(pass: ReplayedPass, host: HostBatch, given: tf.NamedTensorMap, counts: LossCounts): tf.NamedTensorMap {
    return tf.tidy(() => {
      this.#code.batch = uploadBatch(host);
      const state = pass.isReplayed ? this.#state.version(tellOfState) : 0;
      const named = Object.keys(given).filter((name) => !name.startsWith('sum '));
      const variant = [stepVariant(host, counts), ...named, this.#variantOfUpdate, `state ${state}`].join(' ');
      return pass.take({ ...tensorsOf(this.#code.batch), ...given }, variant);
    });
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
    return `clip ${this.#code.now.update.clipGradientNorm}`;
  }
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
