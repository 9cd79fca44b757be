import { readFileSync } from 'node:fs';
import {
  hostTensor,
  inferenceContext,
  RandomKey,
  type TargetBatch,
  uploadBatch,
  type ValueBlocks,
} from '@polymodal/core';
import { resolveTransformerConfig, transformerOptions } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { gridPositions } from './grid-positions';
import { hideBlocks } from './hidden-blocks';
import { MaskedAutoencoderHead } from './masked-autoencoder-head';
import { withoutHidden } from './without-hidden';

interface Told {
  readonly loss: number;
  readonly prediction: number[];
  readonly gradient: number[];
}

/** Of ViTMAEForPreTraining: see tools/parity/pretraining.py. */
const fixture = JSON.parse(
  readFileSync(new URL('../../fixtures/masked-autoencoder.json', import.meta.url), 'utf8'),
) as { pixels: number[]; mask: number[][]; patches: number[]; normalized: Told; plain: Told };

const blocks: ValueBlocks = { feature: 'pixelValues', size: [4, 4], values: 48, omits: true };
const pictures = { pixelValues: hostTensor(Float32Array.from(fixture.pixels), [2, 8, 8, 3]) };
const layers = z.object(transformerOptions).parse({ numHiddenLayers: 1, numAttentionHeads: 2 });
const decoder = resolveTransformerConfig(layers, 8);

function headWith(normalizeTargets: boolean): MaskedAutoencoderHead {
  return new MaskedAutoencoderHead({ of: 'image', blocks, encoderSize: 8, ratio: 0.75, normalizeTargets, decoder });
}

/** What the head draws where all blocks are hidden, with those counted that were hidden in Python. */
function targetAs(head: MaskedAutoencoderHead, normalizeTargets: boolean): TargetBatch {
  const rows = Int32Array.of(0, 1);
  const drawn = hideBlocks(pictures, blocks, { ratio: 0.999, normalizeTargets }, RandomKey.from(0));
  expect(drawn.hidden.shape).toEqual([2, 4]);
  const counted = Uint8Array.from(drawn.hidden.data, (block, at) => fixture.mask[Math.floor(at / 4)][block]);
  const features = { ...drawn, counted: hostTensor(counted, [2, 4]) };
  expect(head.draw({ size: 2, modalities: {}, targets: {} }, RandomKey.from(0))).toBeUndefined();
  return uploadBatch({ size: 2, modalities: {}, targets: { own: { rows, features } } }).targets.own;
}

describe('MaskedAutoencoderHead', () => {
  beforeAll(() => tf.setBackend('cpu'));

  it.each(['normalized', 'plain'] as const)('has the loss and the gradient of ViTMAEForPreTraining: %s', (name) => {
    const head = headWith(name === 'normalized');
    const target = targetAs(head, name === 'normalized');
    const { loss, prediction, gradient } = fixture[name];
    const { squaredError } = head.loss(target);
    expect(squaredError.count).toBe(6);
    const order = target.features.hidden as tf.Tensor2D;
    const inOrder = (values: tf.Tensor3D) =>
      tf.stack([0, 1].map((row) => tf.gather(tf.unstack(values)[row], tf.unstack(order)[row]))) as tf.Tensor3D;
    const lossOf = (all: tf.Tensor) =>
      tf.div(
        squaredError.sum({ vectors: tf.zeros([2, 8]), guesses: inOrder(all as tf.Tensor3D) }, inferenceContext()),
        squaredError.count,
      ) as tf.Scalar;
    const { value, grad } = tf.valueAndGrad(lossOf)(tf.tensor3d(prediction, [2, 4, 48]));
    expect(value.dataSync()[0]).toBeCloseTo(loss, 5);
    const farthest = Math.max(...[...grad.dataSync()].map((own, at) => Math.abs(own - gradient[at])));
    expect(farthest).toBeLessThan(1e-6);
  });

  it('divides pictures into patches as Python does, and hides as many of them as the ratio says', () => {
    const drawn = hideBlocks(pictures, blocks, { ratio: 0.75, normalizeTargets: false }, RandomKey.from(3));
    const { hidden, visible, truth, shown, counted } = drawn;
    expect([hidden.shape, visible.shape, shown.shape]).toEqual([
      [2, 3],
      [2, 1],
      [2, 2, 2],
    ]);
    expect([...counted.data]).toEqual([1, 1, 1, 1, 1, 1]);
    for (const row of [0, 1]) {
      const own = [...hidden.data.subarray(3 * row, 3 * row + 3), visible.data[row]];
      expect([...own].sort()).toEqual([0, 1, 2, 3]);
      [...hidden.data.subarray(3 * row, 3 * row + 3)].forEach((block, place) => {
        expect(shown.data[4 * row + block]).toBe(0);
        const at = (row * 3 + place) * 48;
        const expected = fixture.patches.slice((row * 4 + block) * 48, (row * 4 + block + 1) * 48);
        expect([...truth.data.subarray(at, at + 48)]).toEqual([...Float32Array.from(expected)]);
      });
    }
    const again = hideBlocks(pictures, blocks, { ratio: 0.75, normalizeTargets: false }, RandomKey.from(3));
    expect(again).toEqual(drawn);
  });

  it('hides of a shorter sound as large a share of what it has, and nothing of its padding', () => {
    const values = Float32Array.from({ length: 2 * 8 * 2 }, (_, at) => at);
    const mask = Uint8Array.from([1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0]);
    const sound = { logMel: hostTensor(values, [2, 8, 2]), mask: hostTensor(mask, [2, 8]) };
    const frames: ValueBlocks = { feature: 'logMel', mask: 'mask', size: [2], values: 4, omits: false };
    const { hidden, counted, shown } = hideBlocks(
      sound,
      frames,
      { ratio: 0.5, normalizeTargets: false },
      RandomKey.from(1),
    );
    expect(hidden.shape).toEqual([2, 2]);
    expect([...counted.data]).toEqual([1, 1, 1, 0]); // of four blocks two, of two one
    expect([...shown.data.subarray(6)]).toEqual([1, 1]);
    const zeroed = withoutHidden(tf.tensor3d(values, [2, 8, 2]), tf.tensor2d([...shown.data], [2, 4]), frames);
    zeroed.dataSync().forEach((value, at) => {
      const [row, frame] = [Math.floor(at / 16), Math.floor(at / 2) % 8];
      expect(value).toBe(shown.data[row * 4 + Math.floor(frame / 2)] === 1 ? values[at] : 0);
    });
  });

  it.each([true, false])(
    'has the loss and the gradient of a loop over hidden frames, normalized: %s',
    (normalizeTargets) => {
      const values = Float32Array.from({ length: 2 * 8 * 2 }, (_, at) => Math.sin(at * at));
      const mask = Uint8Array.from([1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0]);
      const sound = { logMel: hostTensor(values, [2, 8, 2]), mask: hostTensor(mask, [2, 8]) };
      const frames: ValueBlocks = { feature: 'logMel', mask: 'mask', size: [2], values: 4, omits: false };
      const options = { of: 'sound', blocks: frames, encoderSize: 8, ratio: 0.5, normalizeTargets, decoder };
      const head = new MaskedAutoencoderHead(options);
      const rows = Int32Array.of(0, 1);
      const host = { size: 2, modalities: { sound: { rows, features: sound } }, targets: {} };
      const drawn = head.draw(host, RandomKey.from(1))!;
      const { own: target } = uploadBatch({ ...host, targets: { own: drawn } }).targets;
      const { hidden, counted } = drawn.features;
      const guesses = Array.from({ length: 2 * 2 * 4 }, (_, at) => Math.cos(at));
      let [sum, count] = [0, 0];
      const slopes = guesses.map(() => 0);
      hidden.data.forEach((block, at) => {
        if (counted.data[at] === 0) return;
        const begin = Math.floor(at / 2) * 16 + block * 4; // of two frames with two bins each
        const truth = [...values.subarray(begin, begin + 4)];
        const mean = truth.reduce((total, own) => total + own, 0) / 4;
        const variance = truth.reduce((total, own) => total + (own - mean) ** 2, 0) / 3;
        truth.forEach((own, i) => {
          const wanted = normalizeTargets ? (own - mean) / Math.sqrt(variance + 1e-6) : own;
          const apart = guesses[at * 4 + i] - wanted;
          sum += apart ** 2 / 4;
          slopes[at * 4 + i] = (2 * apart) / 4;
        });
        count++;
      });
      const { squaredError } = head.loss(target);
      expect([squaredError.count, count]).toEqual([3, 3]);
      const { value, grad } = tf.valueAndGrad((own: tf.Tensor) =>
        squaredError.sum({ vectors: tf.zeros([2, 8]), guesses: own as tf.Tensor3D }, inferenceContext()),
      )(tf.tensor3d(guesses, [2, 2, 4]));
      expect(value.dataSync()[0]).toBeCloseTo(sum, 4);
      grad.dataSync().forEach((own, at) => void expect(own).toBeCloseTo(slopes[at], 5));
    },
  );

  it('tells places in the grid apart along each axis', () => {
    const positions = gridPositions([2, 3], 9); // two pairs for each axis, and one number left over
    const of = (index: number) => [...positions.subarray(index * 9, index * 9 + 9)];
    expect(of(0)).toEqual([0, 1, 0, 1, 0, 1, 0, 1, 0]);
    const [down, across] = [of(3), of(1)];
    expect(down.slice(4)).toEqual(of(0).slice(4));
    expect(across.slice(0, 4)).toEqual(of(0).slice(0, 4));
    expect(down[0]).toBeCloseTo(Math.sin(1), 6);
    expect(across[6]).toBeCloseTo(Math.sin(1 / 100), 6);
  });
});
