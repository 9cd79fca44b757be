import {
  type Batch,
  backendCapabilities,
  type HeadRows,
  type LossCounts,
  type Losses,
  type Model,
  mapRecord,
  type RandomKey,
  type TrainingContextOptions,
  trainingContext,
} from '@polymodal/core';
import { hostScalars } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { Gradients } from './optimizers/parameter-bundle';
import type { OptimizedParameter } from './optimizers/parameter-groups';

/** What {@link lossGradients} goes by. */
export interface LossGradientsOptions extends Omit<TrainingContextOptions, 'separation'> {
  /** Of all that is random in the pass; a function that says which it is now, where the step is replayed with others. */
  readonly key: RandomKey | (() => RandomKey);
  /**
   * Weight of each head's loss. Default 1; a head of weight 0 is not computed. A function is asked again where the step is replayed: which of
   * them are 0 has to stay.
   */
  readonly lossWeights?: HeadWeights | (() => HeadWeights);
  /**
   * What each term counts, and counts for, in all batches that count as one, where this is one of several: gradients over their sums then
   * add up to those of one large batch. It is asked again where the step is replayed, with another batch.
   */
  readonly counts?: () => LossCounts;
  /**
   * Whether a backend that compiles gets large layers, and what comes of their gradients, as programs of their own: then batches of ever new
   * shapes cost little, while one shape for all is a little faster without. Default false.
   */
  readonly layersApart?: boolean;
  /**
   * By head that compares rows, what its output consists of: nothing is encoded then, and the losses are those of these heads over these rows.
   * The batch says which rows have what, and has the targets.
   */
  readonly rows?: HeadRows;
  /** By head that compares rows, gradients that its loss is known to have by its rows in this batch: they take the place of that loss. */
  readonly rowGradients?: HeadRows;
}

/** Numbers by head; 1 for those that are not named. */
type HeadWeights = Readonly<Record<string, number>>;

/** Scalars and gradients on the backend. */
export interface LossGradients {
  /** The weighted sum of the heads' losses. */
  readonly loss: tf.Scalar;
  /** What it consists of: sums with what they count, by head and term. */
  readonly terms: Losses;
  /** Of the loss, by the path of the parameter; those that it does not depend on are missing, all of them perhaps. */
  readonly gradients: Gradients;
  /** Of the loss, by the `rows` that were given. */
  readonly rowGradients: HeadRows;
}

/**
 * A step of training as a function: parameters and a batch in, the terms of the loss and gradients out. It changes nothing, reads
 * nothing back and draws from its key alone. `train` makes every step of it, over one batch or several that count as one; what
 * shares the work among processes, or goes over a batch in parts, starts from it too.
 *
 * ```ts
 * const parameters = assignGroups(model, [], { learningRate: 1e-3, weightDecay: 0 });
 * tf.tidy(() => {
 *   const made = lossGradients(model, parameters, uploadBatch(host), { key });
 *   if (made) optimizer.update(made.gradients, { learningRate: (full) => full });
 * });
 * ```
 *
 * To be called inside `tf.tidy`, which owns what comes out.
 *
 * A loss that compares rows can compare those of many batches in the memory of one (GradCache, Gao et al. 2021): `model.rowTensors` of each
 * batch, then this function over all `rows` joined, for the gradients by them, then over each batch again, with its `rowGradients` and the
 * key that its rows were made with.
 *
 * @returns `undefined` where no head has anything to learn from the batch
 */
export function lossGradients(
  model: Model,
  parameters: readonly Pick<OptimizedParameter, 'path' | 'parameter'>[],
  batch: Batch,
  { key, lossWeights = {}, counts, layersApart = false, rows, rowGradients, ...ofContext }: LossGradientsOptions,
): LossGradients | undefined {
  const weightsNow = typeof lossWeights === 'function' ? lossWeights : () => lossWeights;
  const heads = learningHeads(model, weightsNow());
  const variables = variablesOf(parameters);
  const separation = layersApart ? { learned: new Set(variables.map(({ id }) => id)), isUsed: false } : undefined;
  const given = Object.entries(rows ?? {}).flatMap(([head, own]) =>
    Object.entries(own).map(([name, tensor]) => ({ head, name, tensor })),
  );
  let kept: Losses = {};
  const total = () => {
    const context = trainingContext(key, model, { separation, ...ofContext });
    kept = rows ? model.lossesOfRows(rows, batch, context) : model.losses(batch, context, heads, rowGradients);
    const sums = sumsOf(kept);
    if (sums.length === 0) throw new NothingToLearn();
    for (const sum of sums) tf.keep(sum); // beyond the tape
    const weights = hostScalars(() => termWeights(kept, { ...weightsNow(), ...onceFor(rowGradients) }, counts?.()));
    const weighted = sums.map((sum, i) => tf.mul<tf.Scalar>(sum, weights[i]));
    return weighted.length === 1 ? weighted[0] : tf.addN(weighted);
  };
  try {
    // as tf.variableGrads, which refuses a batch that none of these takes part in: one without the modality that trains, say
    const asked = [...variables, ...given.map(({ tensor }) => tensor)];
    const { value, grads } = tf.engine().gradients(total, asked, undefined, true);
    const gradients = parameters.flatMap(({ path }, i) => (grads[i] ? [[path, grads[i]] as const] : []));
    const byRows: Record<string, tf.NamedTensorMap> = mapRecord(rows ?? {}, () => ({}));
    given.forEach(({ head, name }, i) => {
      const own = grads[variables.length + i];
      if (own) byRows[head][name] = own;
    });
    if (separation?.isUsed) backendCapabilities().separate?.(); // so that what is made of the gradients is one program for all batches
    return {
      loss: value,
      terms: ofThisTidy(kept),
      gradients: Object.fromEntries(gradients),
      rowGradients: byRows,
    };
  } catch (error) {
    disposeTape();
    if (error instanceof NothingToLearn) return undefined;
    throw error;
  } finally {
    tf.dispose(sumsOf(kept));
  }
}

/** What a step keeps of a batch for going backward. */
export type SavedBytes = {
  readonly bytes: number;
  /** With `rematerialize`, of that layer which saves most: what it saves itself when it is computed again. */
  readonly largestLayer: number;
};

/**
 * How many bytes such a step keeps of a batch for going backward: those of its tensors, and of all that operations save for their gradients, the
 * model's own parameters aside. No gradient is made.
 *
 * To be called inside `tf.tidy`.
 */
export function savedBytes(
  model: Model,
  parameters: readonly Pick<OptimizedParameter, 'path' | 'parameter'>[],
  batch: Batch,
  { key, lossWeights = {}, ...ofContext }: SavedBytesOptions,
): SavedBytes {
  const variables = variablesOf(parameters);
  const own = new Set<object>([...model.parameters().values()].map(({ value }) => value.dataId));
  const learned = new Set(variables.map(({ id }) => id));
  let largestLayer = 0;
  const tellLayer = (operations: readonly TapeNode[], x: tf.Tensor) => {
    savedFrom(tf.engine().state.activeTape, learned); // by which it is known what goes into the layer
    largestLayer = Math.max(largestLayer, bytesOf(savedFrom(operations, learned), new Set([...own, x.dataId])));
  };
  try {
    tf.engine().gradients(
      () => {
        model.losses(
          batch,
          trainingContext(key, model, { ...ofContext, tellLayer }),
          learningHeads(model, lossWeights),
        );
        const saved = savedFrom(tf.engine().state.activeTape, learned);
        throw new Saved(bytesOf([...tensorsOf(batch), ...saved], own));
      },
      variables,
      undefined,
      true,
    );
    return { bytes: 0, largestLayer };
  } catch (error) {
    disposeTape();
    if (error instanceof Saved) return { bytes: error.bytes, largestLayer };
    throw error;
  }
}

type TapeNode = ReturnType<typeof tf.engine>['state']['activeTape'][number];

/** As of {@link LossGradientsOptions}. */
type SavedBytesOptions = Pick<LossGradientsOptions, 'rematerialize'> & {
  readonly key: RandomKey;
  readonly lossWeights?: HeadWeights;
};

/**
 * What operations save: where values are computed when they are needed, those that depend on what learns alone.
 *
 * @param learned ids of what learns and depends on it, to which those are added that they make
 */
function savedFrom(operations: readonly TapeNode[], learned: Set<number>): tf.Tensor[] {
  if (!backendCapabilities().compile) return operations.flatMap(({ saved }) => saved ?? []);
  const nodes = operations.filter(({ inputs, outputs }) => {
    const isOnTheWay = Object.values(inputs).some((input) => input && learned.has(input.id));
    if (isOnTheWay) for (const { id } of outputs) learned.add(id);
    return isOnTheWay;
  });
  return nodes.flatMap(({ saved }) => saved ?? []);
}

function tensorsOf({ modalities, targets, mixture }: Batch): tf.Tensor[] {
  const groups = [modalities, targets, mixture?.targets ?? {}].flatMap((named) => Object.values(named));
  return [...groups.flatMap(({ features }) => Object.values(features)), ...(mixture ? [mixture.share] : [])];
}

/** Of tensors that share their values, once; without some. */
function bytesOf(tensors: readonly tf.Tensor[], without: ReadonlySet<object>): number {
  const bytes = new Map(
    tensors.map(({ dataId, size, dtype }) => [dataId as object, size * tf.util.bytesPerElement(dtype)] as const),
  );
  return [...bytes].reduce((sum, [dataId, own]) => (without.has(dataId) ? sum : sum + own), 0);
}

/** Leaves the gradient computation before gradients are made. */
class Saved extends Error {
  constructor(readonly bytes: number) {
    super();
  }
}

function variablesOf(parameters: readonly Pick<OptimizedParameter, 'parameter'>[]): tf.Variable[] {
  return parameters.map(({ parameter }) => parameter.value as tf.Variable);
}

/** What the sum of each term counts for in the loss: its weight in the head's loss and that one's own, divided by what there is of it. */
function termWeights(losses: Losses, lossWeights: HeadWeights, counts: LossCounts = {}): number[] {
  return Object.entries(losses).flatMap(([head, terms]) =>
    Object.entries(terms).map(([term, own]) => {
      const { count, weight } = counts[head]?.[term] ?? own;
      return ((lossWeights[head] ?? 1) * weight) / count;
    }),
  );
}

/** Of heads whose gradients by rows are known: these are of the loss as it is weighed. */
function onceFor(rowGradients: HeadRows = {}): HeadWeights {
  return mapRecord(rowGradients, () => 1);
}

/** The heads of a model that learn with such weights. */
export function learningHeads(model: Model, lossWeights: HeadWeights): string[] {
  return Object.keys(model.heads).filter((head) => lossWeights[head] !== 0);
}

/** The sums of all terms, head by head. */
export function sumsOf(losses: Losses): tf.Scalar[] {
  return Object.values(losses).flatMap((terms) => Object.values(terms).map(({ sum }) => sum));
}

/** Leaves the gradient computation, which needs a loss, where there is none. */
class NothingToLearn extends Error {}

/** Terms whose sums the tidy around owns, in place of kept ones. */
function ofThisTidy(kept: Losses): Losses {
  const ofHead = (terms: Losses[string]) =>
    Object.fromEntries(Object.entries(terms).map(([term, own]) => [term, { ...own, sum: own.sum.clone() }]));
  return Object.fromEntries(Object.entries(kept).map(([head, terms]) => [head, ofHead(terms)]));
}

/**
 * Frees what operations saved for their gradients. TensorFlow.js keeps it beyond `tf.tidy` and frees it only when the
 * gradients are made, so after an error it would stay for good.
 */
function disposeTape(): void {
  const { state } = tf.engine();
  for (const { saved } of state.activeTape ?? []) tf.dispose(saved ?? []);
  state.activeTape = [];
}
