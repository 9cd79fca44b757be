import * as tf from '@tensorflow/tfjs-core';
import { type Batch, disposeBatch, uploadBatch } from '../batch';
import { type Context, inferenceContext } from '../context';
import type { NonFiniteError } from '../errors';
import type { HeadOutput } from '../head-output';
import type { Route } from '../head-tree';
import { collateSamples, type PreparedSample } from '../prepared-sample';
import { presentRows } from '../present-rows';
import type { Prediction } from './answer';
import { type HeadOptions, readAnswers, scoresOf } from './head-answers';
import { type ForwardParts, forwardOf, type ModelPrograms, namedFeatures } from './model-programs';
import { PassTensors } from './pass-tensors';
import { produceAll } from './produce';

/** How a batch is answered. */
export interface AnswerBatchOptions {
  /** The heads that are asked, and what of each. */
  readonly heads: HeadOptions;
  /** Where compiled programs are kept; without them the pass runs as it is. */
  readonly programs: ModelPrograms | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Answers prepared samples that all have the same modalities, in one pass; a row whose numbers are not finite gets an error. */
export async function answerBatch(
  parts: ForwardParts,
  samples: readonly PreparedSample[],
  { heads, programs, signal }: AnswerBatchOptions,
): Promise<(Prediction | NonFiniteError)[]> {
  const names = Object.keys(heads);
  if (names.length === 0) return samples.map(() => ({}));
  const batch = uploadBatch(collateSamples({ processors: parts.processors, targets: {} }, samples));
  try {
    const plan = planOf(parts, batch, names);
    if (plan.some(({ name }) => parts.tree.heads[name].produce)) {
      return await inSteps(parts, batch, plan, heads, inferenceContext(signal));
    }
    const scores = programs ? programs.run(batch, names) : tf.tidy(() => forwardOf(parts, names)(namedFeatures(batch)));
    try {
      return await readAnswers(parts.tree, heads, scores, presentRows(batch));
    } finally {
      tf.dispose(scores);
    }
  } finally {
    disposeBatch(batch);
  }
}

/** All that runs for some heads to answer rows that all have the same modalities. */
export function planOf({ tree }: ForwardParts, batch: Batch, names: readonly string[]): Route[] {
  const rows = Array.from({ length: batch.size }, (_, row) => row);
  return tree.plan(names.map((name) => ({ name, rows })));
}

/** The same where a head produces its answer step by step, with tensors that live while it does. */
async function inSteps(
  parts: ForwardParts,
  batch: Batch,
  plan: readonly Route[],
  heads: HeadOptions,
  context: Context,
): Promise<(Prediction | NonFiniteError)[]> {
  const tensors = new PassTensors();
  try {
    const fused = tensors.keep(() => parts.fusion.forward(parts.encoders, batch, context));
    const made: Record<string, HeadOutput> = {};
    for (const route of plan) await produceAll(parts.tree, route, { fused, made, options: heads, context, tensors });
    const scores = tensors.keep(() => scoresOf(parts.tree, Object.keys(heads), made));
    return await readAnswers(parts.tree, heads, scores, presentRows(batch));
  } finally {
    tensors.dispose();
  }
}
