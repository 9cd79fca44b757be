import {
  costOf,
  disposeBatch,
  type PreparedSample,
  packSamples,
  RandomKey,
  type Sample,
  uploadBatch,
} from '@polymodal/core';
import type { Manifest } from '@polymodal/data';
import {
  answerText,
  assignGroups,
  estimateMemory,
  type FirstBatch,
  firstBatch,
  fitProcessors,
  lossGradients,
  type MemoryEstimate,
  progressBar,
} from '@polymodal/trainer';
import * as tf from '@tensorflow/tfjs-core';
import { mebibytes } from '../command/mebibytes';
import type { Outcome } from '../command/outcome';
import { textTable } from '../command/text-table';
import { firstSources, trainingData } from '../data/training-data';
import { trialOf } from '../memory/trial-of';
import type { PreparedRun } from './prepare-run';
import { unreadParts } from './unread-parts';

/**
 * What a run would be: its parameters and multiply-adds, its first batch, through which one step is computed to see that it can be and how
 * long it takes, and its memory, by some steps on samples from all over the data. The model is thrown away then, and nothing is written.
 */
export async function dryRun(run: PreparedRun): Promise<Outcome> {
  const { config, model, data, signal } = run;
  const { training } = config.project;
  const { train } = data.parts;
  const stage = training.stages?.[0]; // what it says itself comes before what is said for all
  const ofStage = { ...training, ...stage };
  const { batchSize = 32, packing = false } = ofStage;
  const { epochs, steps } = stage?.epochs === undefined && stage?.steps === undefined ? training : stage;
  await fitProcessors(model, new Map([['data', train]]), { progress: progressBar(false), signal });
  const learnedFrom = await trainingData(config, train);
  const sources = firstSources(learnedFrom);
  const first = await firstBatch(model, sources[0], ofStage);
  const { samples } = first;
  const cost = await costOf(model, samples);
  const { unread, ...step } = await firstStep(model, first);
  const learned = await answersOf(model, samples.slice(0, shownSamples));
  const { parameters, multiplyAdds } = cost;
  const count = Object.values(parameters).reduce((sum, own) => sum + own, 0);
  const isShared = packing !== false;
  const counts = sources.map((own) =>
    isShared ? Math.ceil(own.length / samples.length) : fewestBatches(own, samples.length),
  );
  const perEpoch = (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
  const planned = steps ?? (epochs ?? 10) * perEpoch;
  const memory = await config.within('training', () => estimateMemory(model, trialOf(run, learnedFrom)), 'train');
  const atLeast = typeof batchSize === 'number' && !isShared ? 'at least ' : 'about '; // within a budget, other batches have more samples or fewer
  const text = [
    textTable([['part', 'parameters'], ...Object.entries(parameters), ['all', count]]),
    '',
    `Multiply-adds of the first ${samples.length} samples, forward: ${multiplyAdds.toLocaleString('en')}`,
    `Loss of this batch before learning: ${step.loss.toPrecision(4)} (${heads(step.losses)})`,
    `Memory: about ${mebibytes(memory.peak)}, of which ${mebibytes(weightBytes(model))} are the weights, and ${mebibytes(memory.features)} prepared features still to come${laterText(memory)}`,
    `Steps: ${steps === undefined ? atLeast : ''}${planned}${training.stages ? ' in the first stage' : ''}; the first took ${step.seconds.toFixed(2)} s, those behind it take less`,
    ...(unread.length > 0 ? [unreadText(unread)] : []),
    ...(learned.length > 0 ? ['', 'What is learned of the first conversations, between ⟦ and ⟧:', ...learned, ''] : []),
    'Nothing was kept or written.',
  ].join('\n');
  const figures = {
    parameters,
    multiplyAdds,
    batch: samples.length,
    steps: planned,
    ...step,
    memory,
    ...(unread.length > 0 && { unread }),
  };
  return { text, result: learned.length > 0 ? { ...figures, answers: learned } : figures };
}

function unreadText(parts: readonly string[]): string {
  return `No head reads what is made by ${parts.join(', ')}: it learns nothing, and changes no answer. Take a fusion that goes with the heads ("none" where they read the tokens of a slot), or leave out what nobody needs.`;
}

function laterText({ kept, decoded }: MemoryEstimate): string {
  return [
    kept > 0 ? `, and ${mebibytes(kept)} what frozen layers will have given of them` : '',
    decoded > 0 ? `, and ${mebibytes(decoded)} pictures and sounds as they were decoded` : '',
  ].join('');
}

function weightBytes(model: PreparedRun['model']): number {
  return [...model.parameters().values()].reduce((sum, { bytes }) => sum + bytes, 0);
}

/** Enough to see the mask. */
const shownSamples = 3;

/** What is learned of those that are conversations. */
async function answersOf(model: PreparedRun['model'], samples: readonly Sample[]): Promise<string[]> {
  const prepared = await Promise.all(
    samples.map((sample, index) => model.prepare(sample, undefined, `sample ${index}`)),
  );
  return prepared.flatMap((sample) => answerText(model, sample) ?? []);
}

/** A batch is of samples with the same slots; where their shapes differ in what cannot be padded, there are more. */
async function fewestBatches(train: Manifest, batchSize: number): Promise<number> {
  const counts = new Map<string, number>();
  for (let index = 0; index < train.length; index++) {
    const { targets: _, meta: __, ...slots } = await train.get(index);
    const present = Object.keys(slots)
      .filter((slot) => slots[slot] !== undefined && slots[slot] !== null)
      .join();
    counts.set(present, (counts.get(present) ?? 0) + 1);
  }
  return [...counts.values()].reduce((sum, count) => sum + Math.ceil(count / batchSize), 0);
}

async function firstStep(model: PreparedRun['model'], { samples, rowSizes }: FirstBatch) {
  const prepared: PreparedSample[] = [];
  for (const [index, sample] of samples.entries()) {
    prepared.push(await model.prepare(sample, { training: false }, `sample ${index}`));
  }
  const learning = assignGroups(model, [], { learningRate: 1e-3, weightDecay: 0 });
  const rows = rowSizes ? inRows(model, prepared, rowSizes) : prepared;
  const batch = uploadBatch(model.drawTargets(model.collate(rows), RandomKey.from(0)));
  const begin = performance.now();
  let reached: readonly string[] = [];
  const made = tf.tidy(() => {
    const step = lossGradients(model, learning, batch, { key: RandomKey.from(0) });
    if (!step) return { loss: tf.scalar(Number.NaN) };
    reached = Object.keys(step.gradients);
    const sums = Object.entries(step.terms).flatMap(([head, terms]) =>
      Object.entries(terms).map(([term, { sum, count }]) => [`${head}.${term}`, tf.div(sum, count)] as const),
    );
    return {
      loss: step.loss,
      ...Object.fromEntries(sums),
      gradients: tf.addN(Object.values(step.gradients).map((own) => tf.sum(own))),
    };
  });
  try {
    const { loss, gradients, ...terms } = made as Record<string, tf.Tensor>;
    await gradients?.data(); // a backend that computes late has computed then
    const [value] = await loss.data();
    const losses: Record<string, number> = {};
    for (const [name, term] of Object.entries(terms)) [losses[name]] = await term.data();
    const seconds = (performance.now() - begin) / 1000;
    const paths = learning.map(({ path }) => path);
    const slots = Object.keys(batch.modalities);
    const unread = reached.length > 0 ? unreadParts(model, { slots, learning: paths, reached }) : [];
    return { loss: value, losses, seconds, unread };
  } finally {
    tf.dispose(made);
    disposeBatch(batch);
  }
}

/** Samples that share rows, so many each. */
function inRows(model: PreparedRun['model'], samples: readonly PreparedSample[], sizes: readonly number[]) {
  let done = 0;
  return sizes.map((size) => {
    const begin = done;
    done += size;
    return packSamples(model, samples.slice(begin, done), (row) => `sample ${begin + row}`);
  });
}

function heads(losses: Readonly<Record<string, number>>): string {
  return Object.entries(losses)
    .map(([name, loss]) => `${name} ${loss.toPrecision(4)}`)
    .join(', ');
}
