import { compile } from '@polymodal/backend-onnx';
import { useBackend } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { causalBias } from './causal-bias';
import { EXCLUDED_LOGIT } from './excluded-logit';

describe('causalBias', () => {
  it('excludes what comes later', () => {
    const x = EXCLUDED_LOGIT;
    expect(causalBias(3).arraySync()).toEqual([
      [
        [
          [0, x, x],
          [0, 0, x],
          [0, 0, 0],
        ],
      ],
    ]);
  });

  it('excludes what lies before a window too', () => {
    const x = EXCLUDED_LOGIT;
    expect(causalBias(4, 2).arraySync()).toEqual([
      [
        [
          [0, x, x, x],
          [0, 0, x, x],
          [x, 0, 0, x],
          [x, x, 0, 0],
        ],
      ],
    ]);
  });

  it.each([undefined, 2])('is compiled once for all lengths, with the window %s', async (window) => {
    await useBackend('onnx');
    const biased = ({ x }: { x: tf.Tensor2D }) => {
      const length = x.shape[1];
      return tf.add(tf.reshape(x, [1, 1, 1, length]), causalBias(length, window));
    };
    const run = compile(biased, { dynamicAxes: { x: { 1: 'length' } } });
    for (const length of [5, 9, 2]) {
      const x = tf.ones<tf.Rank.R2>([1, length]);
      expect([...run({ x }).dataSync()]).toEqual([...biased({ x }).dataSync()]);
    }
    expect(run.statistics().compilations).toBe(1);
    run.dispose();
    await useBackend('cpu');
  });
});
