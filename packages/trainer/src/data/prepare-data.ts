import { type Model, type RandomKey, sampleShape } from '@polymodal/core';
import { nothingToLearn } from '../errors/nothing-to-learn';
import { learningHeads } from '../loss-gradients';
import type { ProgressBar } from '../progress';
import type { ParsedTrainOptions } from '../train-options';
import { largestWeights } from '../weighing/loss-weight';
import { slotAugmentations } from './augment';
import { CacheBudget } from './cache-budget';
import { Coverage, type Gaps, warnOfGaps } from './coverage';
import { DataFingerprint } from './data-fingerprint';
import type { Dataset } from './dataset';
import { FeatureStore } from './feature-store';
import { JudgedSamples } from './judged-samples';
import { KindExamples } from './kind-examples';
import type { Preparer } from './preparing/sample-preparer';
import { requireMixing } from './require-augmentations';
import { TokenCounter } from './token-counter';

/** What a training learns from and is measured by. */
export interface TrainingData {
  /** Of each source. */
  readonly stores: ReadonlyMap<string, FeatureStore>;
  readonly evaluation: JudgedSamples | undefined;
  /** What the model is tested on when all is over. */
  readonly test: JudgedSamples | undefined;
  /** Has seen all samples of all sources. */
  readonly tokens: TokenCounter;
  /** Of all kinds of samples of all sources, where batches are to have so many bytes. */
  readonly examples: KindExamples;
  /** Of all, for a run in a folder. */
  readonly fingerprints: DataFingerprints;
}

/** What a run knows its data by. */
export interface DataFingerprints {
  /** Of each source. */
  readonly sources: ReadonlyMap<string, DataFingerprint>;
  readonly evaluate?: DataFingerprint | undefined;
}

/** What data are prepared with. */
export interface PrepareDataOptions {
  /** With processors that have learned what they have to. */
  readonly preparer: Preparer;
  /** Of all randomness in preparing. */
  readonly key: RandomKey;
  readonly progress: ProgressBar;
}

/**
 * Prepares and checks every sample, and says what of the model occurs in none.
 *
 * @throws ConfigError where no head has anything to learn from in a stage
 */
export async function prepareData(
  model: Model,
  options: ParsedTrainOptions,
  { preparer, key, progress }: PrepareDataOptions,
): Promise<TrainingData> {
  const { sources, evaluate, test, signal } = options;
  const isKnownAgain = options.directory !== undefined; // else nobody asks whether the data are the same
  const fingerprints = {
    sources: new Map([...sources].map(([name, { length }]) => [name, new DataFingerprint(length)])),
    evaluate: evaluate && new DataFingerprint(evaluate.length),
  };

  const cache = new CacheBudget(options.cacheBytes);
  const stores = new Map<string, FeatureStore>();
  const gaps = new Map<string, Gaps>();
  const tokens = new TokenCounter(model);
  const examples = new KindExamples();
  const areBytesCounted = options.stages.some(({ settings: { batchSize } }) =>
    Object.hasOwn(Object(batchSize), 'bytes'),
  );
  for (const [name, dataset] of sources) {
    const coverage = new Coverage(model);
    const store = await FeatureStore.prepare(model, dataset, {
      key: name === 'data' ? key : key.fold(name),
      preparer,
      augment: slotAugmentations(options.augment),
      compared: options.stages.flatMap(({ settings: { together } }) => together || []),
      balanced: options.stages.flatMap(({ settings: { balance } }) => balance || []),
      packed: options.stages.some(({ settings: { packing } }) => packing !== false),
      cache,
      name,
      progress,
      signal,
      onPrepared(sample, targets) {
        coverage.add(sample);
        const shape = sampleShape(model, sample);
        tokens.see(sample, shape);
        if (areBytesCounted) examples.see(sample, shape);
        if (isKnownAgain) fingerprints.sources.get(name)!.add(sample, targets);
      },
    });
    stores.set(name, store);
    gaps.set(name, coverage.gaps);
  }
  requireSomethingToLearn(model, options, gaps);
  requireMixing(options, [...stores.values()]);

  const judged = (name: 'evaluate' | 'test', dataset: Dataset, known?: DataFingerprint) =>
    JudgedSamples.prepare(model, dataset, {
      preparer,
      cache,
      name,
      progress,
      signal,
      onPrepared(sample, targets) {
        if (isKnownAgain) known?.add(sample, targets);
      },
    });
  return {
    stores,
    evaluation: evaluate && (await judged('evaluate', evaluate, fingerprints.evaluate)),
    test: test && (await judged('test', test)),
    tokens,
    examples,
    fingerprints,
  };
}

/** In every stage there must be something to learn for a head; what no stage has anything for is told. */
function requireSomethingToLearn(
  model: Model,
  { stages, sources }: ParsedTrainOptions,
  gaps: ReadonlyMap<string, Gaps>,
): void {
  const learned = new Set<string>();
  const meant = new Set<string>();
  for (const { settings } of stages) {
    const heads = learningHeads(model, largestWeights(settings.lossWeights));
    const able = heads.filter((head) => settings.sources.some((name) => !gaps.get(name)!.heads.includes(head)));
    if (able.length === 0) throw nothingToLearn(heads, settings);
    for (const head of heads) meant.add(head);
    for (const head of able) learned.add(head);
  }
  const all = [...gaps.values()];
  const slots = model.modalities.filter((slot) => all.every((own) => own.slots.includes(slot)));
  const heads = [...meant].filter((head) => !learned.has(head));
  warnOfGaps(model, { slots, heads }, [...sources.keys()].join(', '));
}
