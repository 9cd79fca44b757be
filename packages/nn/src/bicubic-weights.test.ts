import { Module } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { bicubicWeights } from './bicubic-weights';
import { describeParity } from './testing/parity';

/** Resamples the first axis. */
class Resampling extends Module {
  constructor(readonly config: { readonly wanted: number; readonly alignCorners: boolean }) {
    super();
  }
}

describeParity<Resampling['config'], Resampling>('bicubic-weights', {
  create: (config) => new Resampling(config),
  forward: ({ config }, { x }) => tf.matMul(bicubicWeights(x.shape[0], config.wanted, config), x as tf.Tensor2D),
});
