import { isInterleaving, type Model, mostValues, type RandomKey } from '@polymodal/core';
import { balancedWeights } from '../data/balanced-weights';
import { BatchBudget, type BatchCost } from '../data/batch-budget';
import type { BatchSize } from '../data/batch-size';
import { canLearn } from '../data/can-learn';
import { CombinationSampler } from '../data/combination-sampler';
import type { FeatureStore } from '../data/feature-store';
import { KeptBytes } from '../data/kept-bytes';
import type { Programs } from '../data/length-levels';
import { ModalityDropoutSampler } from '../data/modality-dropout';
import { PackedSampler, type PackedSamplerOptions } from '../data/packed-sampler';
import type { TrainingData } from '../data/prepare-data';
import { batchShapes, programsOf } from '../data/programs-of';
import { modalitiesOf, ownLengths, type SampleShape } from '../data/sample-shape';
import { comingShapes, type SourcePart, sourcePart } from '../data/source-part';
import { StageBatches, type StageSource } from '../data/stage-batches';
import type { TokenCounter } from '../data/token-counter';
import { tokensAtRandom } from '../data/tokens-at-random';
import { learningHeads } from '../loss-gradients';
import type { OptimizedParameter } from '../optimizers/parameter-groups';
import type { ParsedStage } from '../train-options';
import { largestWeights } from '../weighing/loss-weight';

/** What the stages of a run learn from. */
export type StageData = Pick<TrainingData, 'stores' | 'tokens' | 'examples'>;

/** What decides a stage beside its own options. */
export interface PlanOptions {
  /** Of all that is random in batches. */
  readonly key: RandomKey;
  readonly rematerialize: boolean;
}

/**
 * Which samples share the batches of a stage, and what a backend is to compile of them: how many shapes they come in decides that, and then how
 * they are padded, so that they are planned anew where layers become programs.
 *
 * @throws ConfigError for a budget that does not hold a sample
 */
export function planBatches(
  model: Model,
  { settings, where }: ParsedStage,
  parameters: readonly OptimizedParameter[],
  { stores, tokens, examples }: StageData,
  { key, rematerialize }: PlanOptions,
): { readonly batches: StageBatches; readonly programs: Programs } {
  const { batchSize, together, balance, weights, packing } = settings;
  const lossWeights = largestWeights(settings.lossWeights);
  const heads = learningHeads(model, lossWeights);
  const dropout = new ModalityDropoutSampler(settings.modalityDropout, model.modalities, (modalities) =>
    canLearn(model, modalities, heads),
  );
  const all = settings.sources.map((name) =>
    sourcePart(model, stores.get(name)!, settings.activate, { heads, where, name }),
  );
  const kept = () =>
    new KeptBytes(model, examples, { parameters, lossWeights, rematerialize, key: key.fold('kept bytes') });
  const size = sizeOf(batchSize, { tokens: () => tokens, bytes: kept }, `${where}.batchSize`);
  const epochs = settings.epochs ?? Math.ceil((settings.steps! * settings.accumulate) / batchesOf(all, size));
  const sampled = (programs: Programs) =>
    settings.sources.map((name, index) => {
      const own = keyOf(key, name);
      const { store, shapes, among } = all[index];
      const batchKey = own.fold('batches');
      const sampler =
        packing !== false && typeof size === 'number'
          ? packedSampler(model, store, { batchSize: size, packing, key: batchKey, where: `${where}.packing` })
          : new CombinationSampler(shapes, {
              batchSize: size,
              epochs,
              key: batchKey,
              programs,
              ...(store.blocks && { blocks: store.blocks }),
              ...(among && { among }),
              ...(together !== false && { group: groupsOf(store, together) }),
              ...(weights !== false && weights[name] && { weights: weights[name].values }),
              ...(balance !== false && balancedDraw(classesOf(store, balance))),
              keep: (present, epoch, index) => dropout.keep(present, own.fold('modality dropout'), epoch, index),
            });
      return { name, store, sampler };
    });
  const bySteps = sampled('steps');
  const programs =
    packing !== false ? 'steps' : programsOf(model, tokensOfBatch(all, size, tokens), () => batchShapes(bySteps));
  const sources = (programs === 'steps' ? bySteps : sampled(programs)).map((source, index): StageSource => {
    const coming = comingShapes(all[index]);
    const rows = Math.ceil(coming.length / source.sampler.batchesPerEpoch);
    const atRandom = keyOf(key, source.name).fold('at random');
    return { ...source, tokensAtRandom: tokensAtRandom(coming, rows, tokens, atRandom) };
  });
  return { batches: new StageBatches(sources, key.fold('sources'), settings.ratios || undefined), programs };
}

/** Of all that is random in the batches of a source. */
function keyOf(key: RandomKey, source: string): RandomKey {
  return source === 'data' ? key : key.fold('source').fold(source);
}

function packedSampler(
  model: Model,
  { shapes, rowSizes }: FeatureStore,
  options: Omit<PackedSamplerOptions, 'host' | 'mostValues'>,
): PackedSampler {
  const host = Object.keys(model.processors).find((slot) => isInterleaving(model.processors[slot]))!; // see requirePacking
  return new PackedSampler(shapes, rowSizes, { ...options, host, mostValues: mostValues(model.processors) });
}

/** Rows of a batch, or what bounds them. */
function sizeOf(
  batchSize: BatchSize,
  costs: Readonly<Record<BatchCost['unit'], () => BatchCost>>,
  where: string,
): number | BatchBudget {
  if (typeof batchSize === 'number') return batchSize;
  const [unit, most] = Object.entries(batchSize)[0] as [BatchCost['unit'], number];
  return new BatchBudget(most, costs[unit](), where);
}

/** About how many batches an epoch has: what it takes without padding. */
function batchesOf(parts: readonly SourcePart[], size: number | BatchBudget): number {
  const samples = parts.reduce((sum, part) => sum + comingShapes(part).length, 0);
  const some = parts.flatMap(someShapes);
  return (samples * some.reduce((sum, shape) => sum + 1 / rowsOf(shape, size), 0)) / some.length;
}

/** About how many tokens a batch has. */
function tokensOfBatch(parts: readonly SourcePart[], size: number | BatchBudget, tokens: TokenCounter): number {
  const some = parts.flatMap(someShapes);
  const each = some.map((shape) => rowsOf(shape, size) * tokens.computed(shape, modalitiesOf(shape)));
  return each.reduce((sum, own) => sum + own, 0) / some.length;
}

function rowsOf(shape: SampleShape, size: number | BatchBudget): number {
  return typeof size === 'number' ? size : Math.max(1, size.rows(shape, modalitiesOf(shape), ownLengths(shape)));
}

/** Samples of a source, from all over it, that tell about what each costs. */
const counted = 24;

function someShapes(part: SourcePart): SampleShape[] {
  const shapes = comingShapes(part);
  const count = Math.min(counted, shapes.length);
  return Array.from({ length: count }, (_, place) => shapes[Math.floor((place * shapes.length) / count)]);
}

function balancedDraw(classes: readonly (number | undefined)[]) {
  return { weights: balancedWeights(classes), strata: classes };
}

/** The class of every sample; undefined for one without the target. */
function classesOf({ values }: FeatureStore, head: string): readonly (number | undefined)[] {
  return values.map((own) => own[`targets.${head}`]);
}

/** The number of the value of a slot that a sample has; none, and so none that another has, where it has no value. */
function groupsOf(store: FeatureStore, slot: string): (index: number) => string {
  return (index) => {
    const value = store.values[index][slot];
    return value === undefined ? `sample ${index}` : `value ${value}`;
  };
}
