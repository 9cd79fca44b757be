import * as tf from '@tensorflow/tfjs-core';
import type { Context } from './context';
import { isRecord, requireArgument } from './require-argument';

/**
 * A term of a head's loss: a mean, told as what is summed and how many things that is a sum over. Sums and counts of several
 * batches add up to those of one large batch, which means do not.
 */
export interface LossTerm<Output = unknown> {
  /**
   * How many things the term is a mean of: labelled rows, tokens of captions, … It follows from targets and modalities alone, so that
   * it is known before the forward pass. A term that counts nothing is left out.
   */
  readonly count: number;
  /** Weight of the mean in the head's loss. Default 1. */
  readonly weight?: number;
  /** The sum over what is counted, a scalar. */
  sum(output: Output, context: Context): tf.Scalar;
}

/** The terms of a head's loss by name; none where there is nothing to learn from. */
export type LossTerms<Output = unknown> = Readonly<Record<string, LossTerm<Output>>>;

/** What is known of a {@link LossTerm} before the forward pass: what its sum is divided by, and what the mean counts for. */
export type TermCount = { readonly count: number; readonly weight: number };

/** A {@link LossTerm} that is computed. */
export interface SummedTerm extends TermCount {
  readonly sum: tf.Scalar;
}

/** The terms of each head that has something to learn from a batch, by head and term. */
export type Losses = Readonly<Record<string, Readonly<Record<string, SummedTerm>>>>;

/** What those terms count, and count for, by head and term. */
export type LossCounts = Readonly<Record<string, Readonly<Record<string, TermCount>>>>;

/** By head, named tensors with rows as first axis, as its `rowTensors` gives them: of them its output consists. */
export type HeadRows = Readonly<Record<string, tf.NamedTensorMap>>;

/**
 * The loss of a head: the weighted sum of the means of its terms.
 *
 * @param counts what to divide the sums by, where the batch is a part of a larger one; by default what its own terms count
 * @throws ConfigError for no term
 */
export function meanLoss(terms: Losses[string], counts: LossCounts[string] = {}): tf.Scalar {
  const areTerms = isRecord(terms) && Object.values(terms).some((term) => term?.sum instanceof tf.Tensor);
  requireArgument(areTerms, 'meanLoss', 'the terms of a head, at least one, as losses() gives them', terms);
  const means = Object.entries(terms).map(([name, term]) => {
    const { count, weight } = counts[name] ?? term;
    return tf.mul<tf.Scalar>(term.sum, weight / count);
  });
  return means.length === 1 ? means[0] : tf.addN(means);
}

/** The counts of several batches together. */
export function addCounts(batches: readonly LossCounts[]): LossCounts {
  requireArgument(Array.isArray(batches) && batches.every(isRecord), 'addCounts', 'a list of counts', batches);
  const total: Record<string, Record<string, TermCount>> = {};
  for (const batch of batches) {
    for (const [head, terms] of Object.entries(batch)) {
      total[head] ??= {};
      for (const [term, { count, weight }] of Object.entries(terms)) {
        total[head][term] = { count: (total[head][term]?.count ?? 0) + count, weight };
      }
    }
  }
  return total;
}
