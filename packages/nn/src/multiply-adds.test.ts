import { inferenceContext, initialize, type Module, multiplyAddsOf, RandomKey } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { Conv1d } from './conv1d';
import { Conv2d } from './conv2d';
import { Linear } from './linear';
import { MultiHeadAttention } from './multi-head-attention';
import { describeOnEveryBackend } from './testing/every-backend';
import { TransformerLayer } from './transformer-layer';

const context = inferenceContext();
const [rows, length, keys, width, inner] = [2, 5, 7, 8, 24];
const tokens = () => tf.ones<tf.Rank.R3>([rows, length, width]);
const all = () => tf.ones<tf.Rank.R2>([rows, length]);

function begun<M extends Module>(module: M): M {
  initialize(module, RandomKey.from(0));
  return module;
}

describeOnEveryBackend('the multiply-adds of layers are those of the closed forms:', () => {
  it('linear', async () => {
    const layer = begun(new Linear(width, inner));
    expect(await multiplyAddsOf(() => layer.forward(tokens()))).toBe(rows * length * width * inner);
  });

  it('attention to other tokens, in heads', async () => {
    const layer = begun(new MultiHeadAttention({ hiddenSize: width, keyValueSize: 3, numAttentionHeads: 2 }));
    const forward = () => layer.forward(tokens(), tf.ones([rows, keys, 3]), tf.ones([rows, keys]), context);
    const projections = 2 * length * width * width + 2 * keys * 3 * width;
    expect(await multiplyAddsOf(forward)).toBe(rows * (projections + 2 * length * keys * width));
  });

  it('a Transformer layer', async () => {
    const layer = begun(new TransformerLayer({ hiddenSize: width, numAttentionHeads: 4, intermediateSize: inner }));
    const ofToken = 4 * width * width + 2 * length * width + 2 * width * inner;
    expect(await multiplyAddsOf(() => layer.forward(tokens(), all(), context))).toBe(rows * length * ofToken);
  });

  it('convolutions, in groups too', async () => {
    const plane = begun(new Conv2d({ inChannels: 4, outChannels: 6, kernelSize: 3, groups: 2 }));
    const line = begun(new Conv1d({ inChannels: 4, outChannels: 6, kernelSize: 3, stride: 2 }));
    // 6 outputs at each of 3 × 4 places, each from 3 × 3 places of 4 / 2 channels
    expect(await multiplyAddsOf(() => plane.forward(tf.ones([1, 5, 6, 4])))).toBe(3 * 4 * 6 * 9 * 2);
    expect(await multiplyAddsOf(() => line.forward(tf.ones([1, 9, 4])))).toBe(4 * 6 * 3 * 4);
  });
});
