import { type HostTensor, hostTensor, Module, useBackend } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import cases from '../../fixtures/ctc-loss.json' with { type: 'json' };
import { describeOnEveryBackend } from '../testing/every-backend';
import { expectClose } from '../testing/expect-close';
import { expectFiniteDifferences } from '../testing/finite-differences';
import { seededTensor } from '../testing/seeded-tensor';
import { checkCtcLabels } from './check-ctc-labels';
import { type CtcInputs, ctcLoss } from './ctc-loss';

/** Rows of labels, each in so many of the frames. */
function rowsOf(logits: tf.Tensor3D, frames: readonly number[], labels: readonly (readonly number[])[]): CtcInputs {
  const length = Math.max(1, ...labels.map((own) => own.length));
  const padded = labels.map((own) => [...own, ...new Array<number>(length - own.length).fill(0)]);
  const mask = (counts: readonly number[], size: number) =>
    tf.tensor2d(counts.map((count) => Array.from({ length: size }, (_, place) => (place < count ? 1 : 0))));
  return {
    logits,
    mask: mask(frames, logits.shape[1]),
    labels: tf.tensor2d(padded, undefined, 'int32'),
    labelMask: mask(
      labels.map((own) => own.length),
      length,
    ),
  };
}

describeOnEveryBackend('ctcLoss', () => {
  it.each(cases)('is what PyTorch computes, and its gradient too: $name', (known) => {
    const { blank, shape, frames, labels } = known;
    const logits = tf.tensor3d(known.logits, shape as [number, number, number]);
    const loss = (zeroInfinity: boolean) => (x: tf.Tensor) =>
      ctcLoss(rowsOf(x as tf.Tensor3D, frames, labels), { blank, zeroInfinity });
    const whole = known.losses.map((own) => own ?? Number.POSITIVE_INFINITY);
    const values = loss(false)(logits).dataSync();
    expect(values.map((one) => (Number.isFinite(one) ? 0 : one))).toEqual(
      Float32Array.from(whole, (one) => (Number.isFinite(one) ? 0 : one)),
    );
    // Losses of up to 300 in floats: what is left of their precision.
    expectClose(
      values.map((one) => (Number.isFinite(one) ? one : 0)),
      known.losses.map((own) => own ?? 0),
      1e-4,
    );
    const gradient = tf.grad(loss(true))(logits, tf.tensor1d(known.cotangent));
    expectClose(gradient.dataSync(), known.gradient, 1e-4);
    // Without zeroInfinity the gradient of what cannot be is not a number, and that of the others stays.
    const [, perRow, classes] = shape;
    const strict = tf.grad(loss(false))(logits, tf.tensor1d(known.cotangent)).dataSync();
    whole.forEach((own, row) => {
      const first = strict[row * perRow * classes];
      expect(Number.isNaN(first)).toBe(!Number.isFinite(own));
    });
  });

  it('is −log of the sum over all ways to write the labels, one by one', () => {
    const [frames, classes, blank] = [5, 3, 0];
    const labels = [1, 2, 2];
    const logits = seededTensor([1, frames, classes]) as tf.Tensor3D;
    const probabilities = tf.softmax(logits).dataSync();
    let sum = 0;
    for (let way = 0; way < classes ** frames; way++) {
      const path = Array.from({ length: frames }, (_, t) => Math.floor(way / classes ** t) % classes);
      const written = path.filter((id, t) => id !== blank && id !== path[t - 1]);
      if (String(written) !== String(labels)) continue;
      sum += path.reduce((product, id, t) => product * probabilities[t * classes + id], 1);
    }
    expectClose(ctcLoss(rowsOf(logits, [frames], [labels]), { blank }).dataSync(), [-Math.log(sum)], 1e-5);
  });

  it('has the gradient that finite differences give', () => {
    const f = (x: tf.Tensor) => ctcLoss(rowsOf(x as tf.Tensor3D, [4], [[1, 1]]), { blank: 0 });
    expectFiniteDifferences(new (class extends Module {})(), [seededTensor([1, 4, 3])], f);
  });

  it('knows what no frames can write, and refuses what does not fit together', () => {
    const logits = seededTensor([2, 3, 4]) as tf.Tensor3D;
    const none = rowsOf(logits, [0, 0], [[], [1]]);
    expect([...ctcLoss(none, { blank: 0 }).dataSync()]).toEqual([0, Number.POSITIVE_INFINITY]);
    const spoilt = rowsOf(tf.fill([1, 3, 4], Number.NaN) as tf.Tensor3D, [3], [[1, 2]]);
    for (const zeroInfinity of [false, true])
      expect(ctcLoss(spoilt, { blank: 0, zeroInfinity }).dataSync()[0]).toBeNaN();
    // A label that is none costs no number, whatever is asked for, and leaves the other rows be.
    for (const unknown of [0, 4, -1]) {
      const rows = rowsOf(
        logits,
        [3, 3],
        [
          [1, 2],
          [1, unknown],
        ],
      );
      const f = (x: tf.Tensor) => ctcLoss({ ...rows, logits: x as tf.Tensor3D }, { blank: 0, zeroInfinity: true });
      expect(Array.from(f(logits).dataSync(), Number.isNaN)).toEqual([false, true]);
      expect(Array.from(tf.grad(f)(logits).dataSync(), Number.isNaN)).toEqual(
        Array.from({ length: 24 }, (_, at) => at >= 12),
      );
      const [labels, labelMask] = [
        hostTensor(Int32Array.of(1, 2, 1, unknown), [2, 2]),
        hostTensor(Uint8Array.of(1, 1, 1, 1), [2, 2]),
      ];
      const check = (mask: HostTensor) => checkCtcLabels({ labels, labelMask: mask }, { blank: 0, classes: 4 });
      expect(() => check(labelMask)).toThrow(
        `labels, row 1, label 1: expected an id of the vocabulary, from 0 to 3, and not the blank, 0, received ${unknown}`,
      );
      expect(() => check(hostTensor(Uint8Array.of(1, 1, 1, 0), [2, 2]))).not.toThrow();
    }
    expect(() => ctcLoss(none, { blank: 4 })).toThrow('an id of the vocabulary, from 0 to 3');
    expect(() => ctcLoss({ ...none, mask: tf.ones([2, 4]) }, { blank: 0 })).toThrow('[2,3]');
  });
});

it('is the same on WebAssembly', async () => {
  const logits = tf.tensor3d(cases[0]!.logits, cases[0]!.shape as [number, number, number]);
  const values = await logits.data();
  await useBackend('wasm');
  const { shape, frames, labels, blank, losses, gradient, cotangent } = cases[0]!;
  const f = (x: tf.Tensor) => ctcLoss(rowsOf(x as tf.Tensor3D, frames, labels), { blank });
  const x = tf.tensor3d(values as Float32Array, shape as [number, number, number]);
  expectClose(f(x).dataSync(), losses as number[], 1e-4);
  expectClose(tf.grad(f)(x, tf.tensor1d(cotangent)).dataSync(), gradient, 1e-4);
  await tf.setBackend('cpu');
});
