import * as tf from '@tensorflow/tfjs-core';
import { fusedKernel } from './fused-kernel';

/** A log-probability of what cannot be: far below all others, and finite, so that differences of two are numbers. */
export const impossible = -1e30;

/**
 * The log-probability of all ways to each state at each step, of ways that begin in one of the first two and stay, advance by one state or,
 * where they may, by two: the forward variables of Connectionist Temporal Classification (Graves et al. 2006, eq. 6). It has no gradient.
 *
 * @param emissions (T, R, S), log-probabilities of what a state emits
 * @param skips     (R, S), 0 where a state is also reached from the one before the last, else {@link impossible}
 * @returns         (T, R, S)
 */
export function ctcAlphas(emissions: tf.Tensor3D, skips: tf.Tensor2D): tf.Tensor3D {
  return (fusedKernel('CtcAlphas', { emissions, skips })?.[0] as tf.Tensor3D | undefined) ?? plain(emissions, skips);
}

function plain(emissions: tf.Tensor3D, skips: tf.Tensor2D): tf.Tensor3D {
  const [rows, states] = skips.shape;
  const nothing = tf.fill<tf.Rank.R2>([rows, 1], impossible);
  const begin = tf.concat2d(
    [nothing, tf.zeros<tf.Rank.R2>([rows, 1]), tf.fill<tf.Rank.R2>([rows, states], impossible)],
    1,
  ); // in front of the states
  const alphas: tf.Tensor2D[] = [];
  for (const emission of tf.unstack(emissions) as tf.Tensor2D[]) {
    const before = alphas.length === 0 ? begin : tf.concat2d([nothing, nothing, alphas.at(-1)!], 1);
    const [skipped, advanced, stayed] = [0, 1, 2].map((by) => tf.slice2d(before, [0, by], [rows, states]));
    const ways = [tf.add<tf.Tensor2D>(skipped, skips), advanced, stayed];
    const largest = tf.maximum(tf.maximum(ways[0], ways[1]), ways[2]);
    const above = tf.log(tf.addN(ways.map((way) => tf.exp(tf.sub(way, largest)))));
    alphas.push(tf.add(tf.add<tf.Tensor2D>(largest, emission), above));
  }
  return tf.stack(alphas) as tf.Tensor3D;
}
