import type { Context, Module } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { fusedKernel } from './functional/fused-kernel';
import { maskOfWords, maskWords, randomMask, wordCount } from './functional/random-mask';

/**
 * 1 / (1 − rate) with probability 1 − rate, else 0; undefined if nothing is dropped, which is in inference and at rate 0:
 * then no key is drawn.
 *
 * The same key drops the same values on every backend. Few words are drawn of it, and multiplied out to the mask: by a kernel of the
 * backend, so that a large mask is nowhere but where it is used, or here. What is kept is scaled in the mask, so that dropping costs one
 * product.
 */
export function keepMask<R extends tf.Rank>(
  shape: tf.ShapeMap[R],
  rate: number,
  context: Context,
  module: Module,
): tf.Tensor<R> | undefined {
  if (!context.training || rate === 0) return undefined;
  const keep = 1 - rate;
  const mask = randomMask(shape, keep, 1 / keep);
  const isLarge = mask.rows * mask.columns > fewElements;
  if (!isLarge || !tf.getKernel('KeepMask', tf.getBackend())) {
    return context.drawFor<R>(module, shape, (key) => maskOfWords(maskWords(key, mask), mask));
  }
  const words = context.drawFor<tf.Rank.R1>(module, [wordCount(mask)], (key) => maskWords(key, mask));
  const { rows, threshold, kept } = mask;
  return fusedKernel('KeepMask', { words }, { shape, rows, threshold, kept }, 'int32')![0] as tf.Tensor<R>;
}

/** Up to so many a mask is sooner multiplied out here than in a graph, whose nodes take microseconds each. */
const fewElements = 2 ** 12;
