import { inferenceContext, Module, RandomKey, trainingContext } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { layerDrop } from './layer-drop';

const x = tf.tensor3d([1, 2], [1, 1, 2]);
const double = (y: tf.Tensor3D) => tf.mul<tf.Tensor3D>(y, 2);

class Owner extends Module {}

const owner = new Owner();

describe('layerDrop', () => {
  it('leaves a layer out as often as its rate says, in training', () => {
    const results = Array.from({ length: 200 }, (_, seed) =>
      layerDrop(x, 0.3, trainingContext(RandomKey.from(seed), owner), owner, double)
        .dataSync()
        .join(),
    );
    const left = results.filter((result) => result === '1,2').length / results.length;
    expect(left).toBeGreaterThan(0.2); // 0.3 ± 3 · sqrt(0.21 / 200)
    expect(left).toBeLessThan(0.4);
    expect(new Set(results)).toEqual(new Set(['1,2', '2,4']));
  });

  it('is the layer in inference', () => {
    expect([...layerDrop(x, 0.3, inferenceContext(), owner, double).dataSync()]).toEqual([2, 4]);
  });
});
