import * as tf from '@tensorflow/tfjs-core';
import { type Batch, disposeBatch, uploadBatch } from '../batch';
import { inferenceContext } from '../context';
import type { NonFiniteError } from '../errors';
import type { PresentRows } from '../head';
import { collateSamples, type PreparedSample } from '../prepared-sample';
import type { Fused } from '../tokens';
import type { Prediction } from './answer';
import { type ForwardParts, forwardOf, type ModelPrograms, namedFeatures } from './model-programs';
import { isScored, readAnswers, scoresOf } from './scored-heads';

/** How a batch is answered. */
export interface AnswerBatchOptions {
  readonly heads: readonly string[];
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
  if (heads.length === 0) return samples.map(() => ({}));
  const batch = uploadBatch(collateSamples(parts.processors, samples));
  try {
    if (!heads.every((name) => isScored(parts.tree.heads[name]))) return await inSteps(parts, batch, heads, signal);
    const scores = programs ? programs.run(batch, heads) : tf.tidy(() => forwardOf(parts, heads)(namedFeatures(batch)));
    try {
      return await readAnswers(parts.tree, heads, scores, presentRows(batch));
    } finally {
      tf.dispose(scores);
    }
  } finally {
    disposeBatch(batch);
  }
}

/** The same where a head runs a loop of its own, with tensors that live while its answers are awaited. */
async function inSteps(
  parts: ForwardParts,
  batch: Batch,
  heads: readonly string[],
  signal: AbortSignal | undefined,
): Promise<(Prediction | NonFiniteError)[]> {
  const { encoders, fusion, tree } = parts;
  const context = inferenceContext(signal);
  const kept: tf.TensorContainer[] = [];
  const keep = <T extends object>(compute: () => T): T => {
    const result = tf.tidy(compute as () => tf.TensorContainer);
    kept.push(result);
    return result as T;
  };
  const rows = Array.from({ length: batch.size }, (_, row) => row);
  try {
    const fused: Fused = keep(() => fusion.forward(encoders, batch, context));
    const scored = heads.filter((name) => isScored(tree.heads[name]));
    const scores = keep(() => scoresOf(tree, scored, rows, fused, context));
    const answers = await readAnswers(tree, scored, scores, presentRows(batch));
    for (const name of heads.filter((own) => !scored.includes(own))) {
      const input = keep(() => tree.input(name, rows, fused, context));
      const said = await tree.heads[name].predict(input, context);
      answers.forEach((answer, row) => {
        if (!(answer instanceof Error)) answer[name] = said[row];
      });
    }
    return answers;
  } finally {
    tf.dispose(kept);
  }
}

function presentRows({ size, modalities }: Batch): PresentRows {
  return { size, rows: Object.fromEntries(Object.entries(modalities).map(([name, { rows }]) => [name, rows])) };
}
