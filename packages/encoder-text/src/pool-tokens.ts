import { maskedMean } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';

/**
 * What becomes of the tokens that take part, as sentence-transformers has it: the first (`cls`), the largest number of each
 * feature, the mean, the sum divided by the root of their count, the mean in which the n-th counts n times, or the last. In this
 * order they are joined by configs that name several.
 */
export const poolings = ['cls', 'max', 'mean', 'meanSqrtLen', 'weightedMean', 'last'] as const;

/** What becomes of the tokens that take part. */
export type Pooling = (typeof poolings)[number];

/**
 * One vector for each row.
 *
 * @param tokens (P, N, D)
 * @param mask   (P, N), 1 = takes part
 * @returns      (P, D), 0 where no token takes part
 */
export function poolTokens(tokens: tf.Tensor3D, mask: tf.Tensor2D, pooling: Pooling): tf.Tensor2D {
  switch (pooling) {
    case 'cls':
      return maskedMean(tokens, firstOf(mask));
    case 'max':
      return largestOfEach(tokens, mask);
    case 'mean':
      return maskedMean(tokens, mask);
    case 'meanSqrtLen':
      return tf.mul(maskedMean(tokens, mask), tf.sqrt(tf.sum(mask, 1, true)));
    case 'weightedMean':
      return maskedMean(tokens, numbersOf(mask));
    case 'last':
      return maskedMean(tokens, lastOf(mask));
  }
}

/** 1 at the first token of each row that takes part. A range that began at the length would be another graph for each. */
function firstOf(mask: tf.Tensor2D): tf.Tensor2D {
  return largestOf(tf.div(mask, tf.range(1, mask.shape[1] + 1)), mask);
}

/** 1 at the last token of each row that takes part. */
export function lastOf(mask: tf.Tensor2D): tf.Tensor2D {
  return largestOf(tf.mul(mask, tf.range(1, mask.shape[1] + 1)), mask);
}

/** 1 where a row has its largest number, if that token takes part. */
function largestOf(numbered: tf.Tensor2D, mask: tf.Tensor2D): tf.Tensor2D {
  const largest = tf.max(numbered, 1, true);
  return tf.mul(mask, tf.cast(tf.equal(numbered, largest), 'float32'));
}

/** The places of the tokens that take part, counted from 1 at the first of them; 0 elsewhere. */
function numbersOf(mask: tf.Tensor2D): tf.Tensor2D {
  const places = tf.range(1, mask.shape[1] + 1); // (N)
  const before = tf.sub(tf.max(tf.mul(mask, tf.range(mask.shape[1], 0, -1)), 1, true), mask.shape[1]); // (P, 1), −start
  return tf.mul(mask, tf.add(places, before));
}

/** The largest number that a feature has in the tokens that take part: (P, D). */
function largestOfEach(tokens: tf.Tensor3D, mask: tf.Tensor2D): tf.Tensor2D {
  const takesPart = tf.cast(tf.expandDims(mask, 2), 'bool');
  const largest = tf.max<tf.Tensor2D>(tf.where(takesPart, tokens, tf.fill(tokens.shape, lowest)), 1);
  return tf.mul(largest, tf.max(mask, 1, true));
}

/** Finite, so that a row without tokens is 0 and not NaN. */
const lowest = -3e38;
