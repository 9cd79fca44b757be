import { inferenceContext, initialize, parseConfig, RandomKey, SampleError } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { classification } from './classification-head';
import { classTarget } from './classification-target';
import { fusedRows, randomVectors } from './testing/fused-rows';
import { answersOf, lossOf, targetBatch } from './testing/run-head';

const labels = ['cat', 'dog', 'fish'];

function create(options: Record<string, unknown>) {
  const schema = z.strictObject({ ...classification.config.shape, ...classTarget.config.shape });
  const config = parseConfig(schema, options, 'heads.animal');
  const target = classTarget.create(config, { slot: 'animal', savedFile: () => undefined });
  const setup = { name: 'animal', fusion: { hiddenSize: 4 }, encoders: {}, parent: undefined, target };
  const head = classification.create(config, setup as never);
  initialize(head, RandomKey.from(1));
  return { head, target };
}

const logits = tf.tensor2d([
  [3, 0, 0],
  [0, 2, 0],
  [1, 1, 1],
]);
const input = fusedRows(randomVectors(3, 4, 2));

describe('ClassificationHead', () => {
  it('takes a label or an index for a target', () => {
    const { head, target } = create({ labels });
    const expected = (Math.log(1 + 2 * Math.exp(-3)) + Math.log(3)) / 2; // by hand
    for (const [first, last] of [
      ['cat', 'fish'],
      [0, 2],
    ]) {
      const wanted = targetBatch(target, [first, undefined, last]);
      expect(head.loss(wanted).crossEntropy.count).toBe(2);
      expect(lossOf(head, logits, wanted, input)!.dataSync()[0]).toBeCloseTo(expected, 5);
    }
  });

  it('learns nothing from rows without a target, even NaN', () => {
    const { head, target } = create({ labels });
    const broken = tf.tensor2d([
      [1, 0, 0],
      [Number.NaN, 0, 0],
    ]);
    const wanted = targetBatch(target, [1, undefined]);
    const gradient = tf
      .grad((x: tf.Tensor) => lossOf(head, x as tf.Tensor2D, wanted, input)!)(broken)
      .arraySync() as number[][];
    expect(gradient[1]).toEqual([0, 0, 0]);
    expect(gradient[0][1]).toBeLessThan(0);
    expect(lossOf(head, broken, undefined, input)).toBeUndefined();
  });

  it('names classes 0, 1, … where only their number is given', () => {
    const { head, target } = create({ labels: 3 });
    expect(head.labels).toEqual(['0', '1', '2']);
    const loss = (raw: unknown) => lossOf(head, logits, targetBatch(target, [raw, undefined, undefined]), input);
    expect(loss('2')!.dataSync()).toEqual(loss(2)!.dataSync());
  });

  it.each([
    ['dgo', 'expected one of 3 labels, or an index from 0 to 2, received "dgo". Did you mean "dog"?'],
    [3, 'received 3.'],
    [-1, 'received -1.'],
    [1.5, 'received 1.5.'],
    [true, 'received true.'],
    [[0], 'received an array of 1.'],
  ])('refuses the target %o', (raw, message) => {
    const { target } = create({ labels });
    const read = () => target.process(raw as never);
    expect(read).toThrow(SampleError);
    expect(read).toThrow(message);
  });

  it('predicts the most probable class, with probabilities that sum to 1 and agree with the logits', () => {
    const { head } = create({ labels });
    const answers = answersOf(head, input);
    const expected = tf.softmax(head.forward(input, inferenceContext())).arraySync() as number[][];
    answers.forEach(({ label, index, probability, probabilities }, row) => {
      probabilities.forEach((value, k) => expect(value).toBeCloseTo(expected[row][k], 6));
      expect(probabilities.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 12);
      expect(probability).toBe(Math.max(...probabilities));
      expect(label).toBe(labels[index]);
      expect(probabilities[index]).toBe(probability);
    });
  });

  it('looks at the representation through layers of its own, if asked for', () => {
    const { head } = create({ labels, hiddenSizes: [5] });
    const [first, last] = [head.hidden[0], head.classifier];
    const rows = (tensor: tf.Tensor2D) => tensor.arraySync();
    const linear = (x: number[], weight: number[][], bias: Float32Array) =>
      weight.map((row, out) => row.reduce((sum, w, index) => sum + w * x[index], bias[out]));
    // GELU by the error function's series, erf(x) = 2/√π Σ (−1)ⁿ x²ⁿ⁺¹ / (n! (2n + 1)).
    const gelu = (x: number) => {
      let [term, erf] = [x / Math.SQRT2, 0];
      for (let n = 0; n < 40; n++) {
        erf += ((2 / Math.sqrt(Math.PI)) * term) / (2 * n + 1);
        term *= -(x * x) / 2 / (n + 1);
      }
      return (x * (1 + erf)) / 2;
    };
    const values = (linearLayer: typeof first) =>
      [rows(linearLayer.weight.value as tf.Tensor2D), linearLayer.bias!.value.dataSync() as Float32Array] as const;
    const expected = rows(input.fused.pooled).map((x) =>
      linear(linear(x, ...values(first)).map(gelu), ...values(last)),
    );
    rows(head.forward(input, inferenceContext())).forEach((row, index) => {
      row.forEach((logit, k) => expect(logit).toBeCloseTo(expected[index][k], 5));
    });
  });

  it('starts undecided: the first loss is near log K', () => {
    const { head, target } = create({ labels: 10 });
    const rows = fusedRows(randomVectors(8, 4, 3));
    const wanted = targetBatch(target, [...Array(8).keys()]);
    const loss = lossOf(head, head.forward(rows, inferenceContext()), wanted, rows);
    expect(loss!.dataSync()[0]).toBeCloseTo(Math.log(10), 1);
  });

  it.each([
    [{ labels: ['a'] }, 'heads.animal.labels'],
    [
      { labels: ['a', 'b', 'c', 'b'] },
      'heads.animal.labels.3: expected labels that differ from one another (this one is that of class 1 too), received "b".',
    ],
    [{ labels: 1 }, 'heads.animal.labels'],
    [{}, 'heads.animal.labels'],
    [{ labels, labelSmoothing: 1 }, 'heads.animal.labelSmoothing'],
  ])('refuses the config %o', (options, message) => {
    expect(() => create(options)).toThrow(message);
  });
});

describe('ClassificationHead with classes that do not count alike', () => {
  it('divides by the weights of the rows, as PyTorch does', () => {
    const { head, target } = create({ labels, classWeights: { cat: 3 } });
    const wanted = targetBatch(target, ['cat', undefined, 'fish']);
    const expected = (3 * Math.log(1 + 2 * Math.exp(-3)) + Math.log(3)) / 4; // by hand
    expect(head.loss(wanted).crossEntropy.count).toBe(4);
    expect(lossOf(head, logits, wanted, input)!.dataSync()[0]).toBeCloseTo(expected, 5);
    expect(() => create({ labels, classWeights: { dgo: 2 } })).toThrow('classWeights.dgo: expected one of the labels');
  });

  it('answers as sure as it is right once its temperature is fitted, again and again', () => {
    const { head, target } = create({ labels });
    const answers = answersOf(head, input);
    const sure = { label: 'cat', index: 0, probability: 0.98, probabilities: [0.98, 0.01, 0.01] };
    const targets = ['cat', 'cat', 'dog', undefined].map((raw) =>
      raw === undefined ? undefined : target.process(raw),
    );
    head.calibrate([sure, sure, sure, sure], targets);
    const [temperature] = head.temperature.value.dataSync();
    // Two thirds are right: e^(x / T) = 4 of the odds 98 : 1 : 1.
    expect(temperature).toBeCloseTo(Math.log(98) / Math.log(4), 4);
    answersOf(head, input).forEach(({ probabilities }, row) => {
      const powers = answers[row].probabilities.map((own) => own ** (1 / temperature));
      const all = powers.reduce((sum, own) => sum + own, 0);
      powers.forEach((own, index) => expect(probabilities[index]).toBeCloseTo(own / all, 6));
    });
    const right = { label: 'cat', index: 0, probability: 2 / 3, probabilities: [2 / 3, 1 / 6, 1 / 6] };
    head.calibrate([right, right, right], targets);
    expect(head.temperature.value.dataSync()[0]).toBeCloseTo(temperature, 4);
  });
});
