import * as tf from '@tensorflow/tfjs-core';
import { type Batch, disposeBatch, uploadBatch } from '../batch';
import { inferenceContext } from '../context';
import { ConfigError, type NonFiniteError } from '../errors';
import type { HeadOutput } from '../head-output';
import type { Route } from '../head-tree';
import { collateSamples, type PreparedSample } from '../prepared-sample';
import { presentRows } from '../present-rows';
import { neededSlots, ofSlots } from '../routing/needed-slots';
import { adapterRows, disposeRows } from './adapter-rows';
import type { Prediction } from './answer';
import { firstPass } from './first-pass';
import { type HeadOptions, readAnswers, scoresOf } from './head-answers';
import { type ForwardParts, forwardOf, type ModelPrograms, namedFeatures } from './model-programs';
import { isScored } from './model-signature';
import { PassTensors } from './pass-tensors';
import { produceAll } from './produce';

/** How a batch is answered. */
export interface AnswerBatchOptions {
  /** The heads that are asked, and what of each. */
  readonly heads: HeadOptions;
  /** Where compiled programs are kept; without them the pass runs as it is. */
  readonly programs: ModelPrograms | undefined;
  /** For each sample the adapter that it goes by, or none, where that is asked for. */
  readonly adapters?: readonly (string | false)[] | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Answers prepared samples that all have the same modalities, in one pass; a row whose numbers are not finite gets an error. */
export async function answerBatch(
  parts: ForwardParts,
  samples: readonly PreparedSample[],
  { heads, programs, adapters, signal }: AnswerBatchOptions,
): Promise<(Prediction | NonFiniteError)[]> {
  const names = Object.keys(heads);
  if (names.length === 0) return samples.map(() => ({}));
  const slots = neededSlots(parts, names);
  const own = slots ? samples.map((sample) => ({ ...sample, features: ofSlots(sample.features, slots) })) : samples;
  const batch = uploadBatch(collateSamples({ processors: parts.processors, targets: {} }, own));
  try {
    const stepwise = names.filter((name) => !isScored(parts.tree, name));
    if (stepwise.length > 0) {
      if (adapters) throw inOnePassAlone(stepwise);
      return await inSteps(parts, batch, own, stepwise, { heads, programs, signal });
    }
    const inputs = { ...namedFeatures(batch), ...(adapters && adapterRows(adapters)) };
    const scores = programs ? programs.run(batch, names, inputs) : tf.tidy(() => forwardOf(parts, names)(inputs));
    try {
      return await readAnswers(parts.tree, heads, scores, presentRows(batch), own, signal);
    } finally {
      tf.dispose(scores);
      if (adapters) disposeRows(inputs);
    }
  } finally {
    disposeBatch(batch);
  }
}

function inOnePassAlone(stepwise: readonly string[]): ConfigError {
  return new ConfigError({
    where: 'adapter',
    expected: 'heads that answer from one pass',
    received: stepwise.map((name) => `"${name}"`).join(', '),
    hint: 'Put one adapter into use for all samples: model.useAdapters(name).',
  });
}

/** All that runs for some heads to answer rows that all have the same modalities. */
export function planOf({ tree }: ForwardParts, batch: Batch, names: readonly string[]): Route[] {
  const rows = Array.from({ length: batch.size }, (_, row) => row);
  return tree.plan(names.map((name) => ({ name, rows })));
}

/**
 * The same where heads produce their answers step by step, with tensors that live while they do.
 *
 * @param stepwise the heads that do so, or are fed by one that does
 */
async function inSteps(
  parts: ForwardParts,
  batch: Batch,
  samples: readonly PreparedSample[],
  stepwise: readonly string[],
  { heads, programs, signal }: AnswerBatchOptions,
): Promise<(Prediction | NonFiniteError)[]> {
  const { tree } = parts;
  const tensors = new PassTensors();
  const context = inferenceContext({ signal });
  const inPlan = new Set(planOf(parts, batch, stepwise).map(({ name }) => name));
  const names = Object.keys(heads);
  /** What feeds the others runs with them: each head once. */
  const inOnePass = names.filter((name) => planOf(parts, batch, [name]).every((route) => !inPlan.has(route.name)));
  const others = names.filter((name) => !inOnePass.includes(name));
  try {
    const { fused, scores } = firstPass(parts, batch, inOnePass, context, tensors, programs);
    const made: Record<string, HeadOutput> = {};
    for (const route of planOf(parts, batch, others)) {
      await produceAll(tree, route, { fused, made, options: heads, context, tensors });
    }
    const produced = tensors.keep(() => scoresOf(tree, others, made));
    return await readAnswers(tree, heads, { ...scores, ...produced }, presentRows(batch), samples, signal);
  } finally {
    tensors.dispose();
  }
}
