import { ConfigError, ShapeError } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { ctcAlphas, impossible } from './ctc-alphas';
import { withGradient } from './with-gradient';

/** What {@link ctcLoss} is computed from. */
export interface CtcInputs {
  /** (B, T, V), the vocabulary with the blank in it. */
  readonly logits: tf.Tensor3D;
  /** (B, T), 1 = takes part: the first frames of each row. */
  readonly mask: tf.Tensor2D;
  /** int32 (B, L), L ≥ 1, what is to be written: no blanks. Where they are known, {@link checkCtcLabels} says which is none. */
  readonly labels: tf.Tensor2D;
  /** (B, L), 1 = takes part: the first labels of each row. */
  readonly labelMask: tf.Tensor2D;
}

/** How {@link ctcLoss} counts. */
export interface CtcOptions {
  /** The id of the blank. */
  readonly blank: number;
  /** Whether labels that the frames are too few for cost 0, and teach nothing, in place of ∞. */
  readonly zeroInfinity?: boolean;
}

/**
 * −log p(labels | logits) of each row, p being the sum over all ways to write the labels in the frames, with blanks between, and repeated
 * (Connectionist Temporal Classification, Graves et al. 2006; PyTorch's `ctc_loss` of `log_softmax(logits)` with `reduction='none'`).
 *
 * It goes forward and backward through the frames in logarithms, both at once: backward is forward through the reversed frames to the
 * reversed labels. Its gradient follows from both (eq. 15):
 *
 *     dlogits[t, k] = dy (softmax(logits[t])[k] − Σ_{s: label s is k} p(s at t | labels))
 *
 * Labels that the frames are too few for (as many as there are, and one more between two that are equal) cost ∞, with a gradient that is
 * not a number. Where one is the blank, or none of the vocabulary, the cost is not a number either, with `zeroInfinity` too: within a
 * step values cannot be looked at, and {@link checkCtcLabels} does so before.
 *
 * @returns (B), in nats
 * @throws ShapeError, ConfigError
 */
export function ctcLoss(
  { logits, mask, labels, labelMask }: CtcInputs,
  { blank, zeroInfinity = false }: CtcOptions,
): tf.Tensor1D {
  const [batch, steps, classes] = logits.shape;
  const [, length] = labels.shape;
  requireShape('mask', mask, [batch, steps]);
  requireShape('labelMask', labelMask, labels.shape);
  requireShape('labels', labels, [batch, Math.max(1, length)]);
  if (!Number.isInteger(blank) || blank < 0 || blank >= classes) {
    throw new ConfigError({
      where: 'ctcLoss, blank',
      expected: `an id of the vocabulary, from 0 to ${classes - 1}`,
      received: String(blank),
    });
  }
  return withGradient([logits], () => {
    const logProbabilities = tf.logSoftmax(logits, 2) as tf.Tensor3D;
    const frames = tf.sum(mask, 1, true) as tf.Tensor2D; // (B, 1)
    const count = tf.sum(labelMask, 1, true) as tf.Tensor2D; // (B, 1)
    const states = tf.add<tf.Tensor2D>(tf.mul(count, 2), 1); // (B, 1): a blank before each label, and one behind the last
    const forward = statesOf(labels, labelMask, blank); // (B, S)
    const backward = statesOf(taken(labels, turned(count, length)), labelMask, blank);
    const emitted = tf.matMul<tf.Tensor3D>(logProbabilities, oneHot(forward, classes), false, true); // (B, T, S)
    const lastFirst = taken(logProbabilities, turned(frames, steps));
    const emittedBack = tf.matMul<tf.Tensor3D>(lastFirst, oneHot(backward, classes), false, true);
    const alphas = ctcAlphas(
      tf.transpose(tf.concat3d([emitted, emittedBack], 0), [1, 0, 2]),
      tf.concat2d([skips(forward, blank), skips(backward, blank)], 0),
    ); // (T, 2 B, S)
    const [ahead, behind] = tf.split<tf.Tensor3D>(tf.transpose(alphas, [1, 0, 2]), 2, 0); // (B, T, S) each
    const likelihood = logLikelihood(ahead, frames, states); // (B, 1)
    const isImpossible = tf.lessEqual(likelihood, impossible / 2); // which NaN is not, so that it stays
    const isUnknown = hasUnknown(labels, labelMask, classes, blank);
    const choose = (possible: tf.Tensor, otherwise: number) => {
      const known = tf.where(isImpossible, tf.fill([batch, 1], otherwise), possible);
      return tf.where(isUnknown, tf.fill([batch, 1], Number.NaN), known) as tf.Tensor2D;
    };
    const factor = choose(tf.ones([batch, 1]), zeroInfinity ? 0 : Number.NaN);
    const value = choose(tf.neg(likelihood), zeroInfinity ? 0 : Number.POSITIVE_INFINITY);
    return {
      value: tf.reshape(value, [batch]) as tf.Tensor1D,
      saved: [logProbabilities, mask, frames, states, forward, emitted, ahead, behind, likelihood, factor],
      gradients: (dy, logProbabilities, mask, frames, states, forward, emitted, ahead, behind, likelihood, factor) => {
        const size = forward.shape[1];
        // In the order of the frames and states, as those ahead are.
        const firstFirst = tf.transpose(taken(behind, turned(frames, steps)), [0, 2, 1]); // (B, S, T)
        const turnedBack = tf.transpose(taken(firstFirst, turned(states, size)), [0, 2, 1]);
        const together = tf.sub(tf.add(ahead, turnedBack), emitted); // both count the frame itself
        const share = tf.exp(tf.minimum(tf.sub(together, tf.expandDims(likelihood, 2)), 0)); // p(s at t | labels)
        const isState = tf.cast(tf.less(tf.range(0, size), states), 'float32'); // (B, S)
        const occupied = tf.mul(share, tf.expandDims(isState, 1));
        const wanted = tf.matMul(occupied, oneHot(forward, classes)); // (B, T, V)
        const scale = tf.mul(mask, tf.mul(factor, tf.reshape(dy, [batch, 1]))); // (B, T)
        return [tf.mul(tf.expandDims(scale, 2), tf.sub(tf.exp(logProbabilities), wanted))];
      },
    };
  });
}

function requireShape(name: string, tensor: tf.Tensor, expected: number[]): void {
  if (tf.util.arraysEqual(tensor.shape, expected)) return;
  throw new ShapeError({ where: `ctcLoss, ${name}`, expected: `[${expected}]`, received: `[${tensor.shape}]` });
}

/** Whether a row has a label that takes part and is none of the vocabulary, or the blank: (B, 1). */
function hasUnknown(labels: tf.Tensor2D, labelMask: tf.Tensor2D, classes: number, blank: number): tf.Tensor {
  const isOutside = tf.logicalOr(tf.less(labels, 0), tf.greaterEqual(labels, classes));
  const isUnknown = tf.logicalOr(isOutside, tf.equal(labels, tf.scalar(blank, 'int32')));
  return tf.greater(tf.sum(tf.mul(tf.cast(isUnknown, 'float32'), labelMask), 1, true), 0);
}

/** The labels with a blank before each and one behind the last, (B, L) → (B, S), S = 2 L + 1; blanks in padding. */
function statesOf(labels: tf.Tensor2D, labelMask: tf.Tensor2D, blank: number): tf.Tensor2D {
  const [batch, length] = labels.shape;
  const known = tf.where(tf.cast(labelMask, 'bool'), labels, tf.fill(labels.shape, blank, 'int32'));
  const pairs = tf.stack([tf.fill(labels.shape, blank, 'int32'), known], 2);
  return tf.concat([tf.reshape<tf.Rank.R2>(pairs, [batch, 2 * length]), tf.fill([batch, 1], blank, 'int32')], 1);
}

/**
 * The places 0 … size − 1 of each row with the first ones turned round: `count` − 1 … 0, and then 0.
 *
 * @param count (B, 1)
 * @returns     int32 (B, size)
 */
function turned(count: tf.Tensor2D, size: number): tf.Tensor2D {
  return tf.cast(tf.maximum(tf.sub(tf.sub(count, 1), tf.range(0, size)), 0), 'int32') as tf.Tensor2D;
}

/**
 * Of each row what stands at some places: `tf.gather` along the second axis in batches, which the WebAssembly backend of TensorFlow.js 4.22 gets wrong.
 *
 * @param x      (B, N, …)
 * @param places int32 (B, M)
 * @returns      (B, M, …)
 */
function taken<T extends tf.Tensor>(x: T, places: tf.Tensor2D): T {
  const [batch, size, ...inner] = x.shape;
  const starts = tf.reshape(tf.range(0, batch * size, size, 'int32'), [batch, 1]);
  const flat = tf.reshape(tf.add(places, starts), [places.size]) as tf.Tensor1D;
  const list = tf.reshape(x, [batch * size, ...inner]);
  return tf.reshape(tf.gather(list, flat), [batch, places.shape[1], ...inner]) as T;
}

/** (B, S) → (B, S, V) */
function oneHot(states: tf.Tensor2D, classes: number): tf.Tensor3D {
  return tf.oneHot(states, classes) as unknown as tf.Tensor3D;
}

/** Which states are also reached from the one before the last: labels, unless that is the same. As `ctcAlphas` takes it, (B, S). */
function skips(states: tf.Tensor2D, blank: number): tf.Tensor2D {
  const [batch, size] = states.shape;
  const lastButOne = tf.concat2d(
    [tf.fill<tf.Rank.R2>([batch, 2], -1, 'int32'), tf.slice(states, [0, 0], [batch, size - 2])],
    1,
  );
  const may = tf.logicalAnd(tf.notEqual(states, tf.scalar(blank, 'int32')), tf.notEqual(states, lastButOne));
  return tf.mul(tf.sub(1, tf.cast(may, 'float32')), impossible);
}

/** log p(labels | logits) (B, 1): of all ways that end in one of the last two states at the last frame; of no frames, that there is nothing to write. */
function logLikelihood(ahead: tf.Tensor3D, frames: tf.Tensor2D, states: tf.Tensor2D): tf.Tensor2D {
  const [batch, , size] = ahead.shape;
  const last = tf.cast(tf.maximum(tf.sub(frames, 1), 0), 'int32');
  const ends = tf.reshape(taken(ahead, last as tf.Tensor2D), [batch, size]); // (B, S)
  const endIn = (state: tf.Tensor) =>
    tf.sum(tf.mul(ends, tf.cast(tf.equal(tf.range(0, size), state), 'float32')), 1, true);
  const isEmpty = tf.cast(tf.less(states, 2), 'float32');
  const [blank, label] = [endIn(tf.sub(states, 1)), tf.add(endIn(tf.sub(states, 2)), tf.mul(isEmpty, impossible))];
  const larger = tf.maximum(blank, label);
  const both = tf.add(larger, tf.log(tf.add(tf.exp(tf.sub(blank, larger)), tf.exp(tf.sub(label, larger)))));
  const hasFrames = tf.cast(tf.greater(frames, 0), 'float32');
  const ofNone = tf.mul(tf.mul(tf.sub(1, hasFrames), tf.sub(1, isEmpty)), impossible);
  return tf.add(tf.mul(hasFrames, both), ofNone);
}
