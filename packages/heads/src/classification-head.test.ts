import { type Head, inferenceContext, initialize, parseConfig, RandomKey, SampleError } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { classification } from './classification-head';
import { classificationMetrics } from './classification-metrics';
import { fusedRows, randomVectors } from './fused-rows';

const setup = { name: 'animal', fusion: { hiddenSize: 4 }, encoders: {}, parent: undefined };

function create(options: Record<string, unknown>) {
  const config = parseConfig(classification.config, options, 'heads.animal');
  const head = classification.create(config, setup as unknown as Parameters<typeof classification.create>[1]);
  initialize(head, RandomKey.from(1));
  return head as Head & { labels: readonly string[] };
}

const labels = ['cat', 'dog', 'fish'];
const logits = tf.tensor2d([
  [3, 0, 0],
  [0, 2, 0],
  [1, 1, 1],
]);

describe('ClassificationHead', () => {
  it('takes a label or an index under its own name for a target', () => {
    const head = create({ labels });
    const byLabel = head.loss(logits, [{ animal: 'cat' }, { animal: 'fish' }, {}], inferenceContext());
    const byIndex = head.loss(logits, [{ animal: 0 }, { animal: 2 }, undefined], inferenceContext());
    const expected = (Math.log(1 + 2 * Math.exp(-3)) + Math.log(2 + Math.exp(2))) / 2; // by hand
    expect(byLabel!.dataSync()[0]).toBeCloseTo(expected, 5);
    expect(byIndex!.dataSync()[0]).toBeCloseTo(expected, 5);
  });

  it('learns nothing from rows without a target, even NaN', () => {
    const head = create({ labels });
    const broken = tf.tensor2d([
      [1, 0, 0],
      [Number.NaN, 0, 0],
    ]);
    const targets = [{ animal: 1 }, { animal: null }];
    const gradient = tf
      .grad((x: tf.Tensor) => head.loss(x, targets, inferenceContext())!)(broken)
      .arraySync() as number[][];
    expect(gradient[1]).toEqual([0, 0, 0]);
    expect(gradient[0][1]).toBeLessThan(0);
    expect(head.loss(broken, [{}, undefined], inferenceContext())).toBeUndefined();
  });

  it('names classes 0, 1, … where only their number is given, and another target where one is', () => {
    const head = create({ labels: 3, target: 'digit' });
    expect(head.labels).toEqual(['0', '1', '2']);
    const loss = (target: unknown) => head.loss(logits, [{ digit: target }, {}, {}], inferenceContext())!.dataSync()[0];
    expect(loss('2')).toBe(loss(2));
  });

  it.each([
    [
      'dgo',
      'row 0, targets.animal: expected one of 3 labels, or an index from 0 to 2, received "dgo". Did you mean "dog"?',
    ],
    [3, 'received 3.'],
    [-1, 'received -1.'],
    [1.5, 'received 1.5.'],
    [true, 'received true.'],
    [[0], 'received an array of 1.'],
  ])('refuses the target %o', (target, message) => {
    const head = create({ labels });
    const learn = () => head.loss(logits, [{ animal: target }], inferenceContext());
    expect(learn).toThrow(SampleError);
    expect(learn).toThrow(message);
    const check = () => head.checkTargets?.({ animal: target });
    expect(check).toThrow(SampleError);
    expect(check).toThrow(message.replace('row 0, ', ''));
  });

  it('tells which target it reads, and takes samples without it', () => {
    expect(create({ labels }).targetNames).toEqual(['animal']);
    const head = create({ labels, target: 'kind' });
    expect(head.targetNames).toEqual(['kind']);
    for (const targets of [{ kind: 'cat' }, { kind: 2 }, { kind: null }, {}, { animal: 'no class' }]) {
      expect(() => head.checkTargets?.(targets)).not.toThrow();
    }
  });

  it('predicts the most probable class, with probabilities that sum to 1 and agree with the logits', async () => {
    const head = create({ labels });
    const input = fusedRows(randomVectors(3, 4, 2));
    const answers = (await head.predict(input, inferenceContext())) as {
      label: string;
      index: number;
      probability: number;
      probabilities: number[];
    }[];
    const expected = tf.softmax(head.forward(input, inferenceContext()) as tf.Tensor2D).arraySync() as number[][];
    answers.forEach(({ label, index, probability, probabilities }, row) => {
      probabilities.forEach((value, k) => expect(value).toBeCloseTo(expected[row][k], 6));
      expect(probabilities.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 12);
      expect(probability).toBe(Math.max(...probabilities));
      expect(label).toBe(labels[index]);
      expect(probabilities[index]).toBe(probability);
    });
  });

  it('starts undecided: the first loss is near log K', () => {
    const head = create({ labels: 10 });
    const targets = randomVectors(8, 1, 1).map((_, row) => ({ animal: row }));
    const loss = head.loss(
      head.forward(fusedRows(randomVectors(8, 4, 3)), inferenceContext()),
      targets,
      inferenceContext(),
    );
    expect(loss!.dataSync()[0]).toBeCloseTo(Math.log(10), 1);
  });

  it.each([
    [{ labels: ['a'] }, 'heads.animal.labels'],
    [{ labels: ['a', 'a'] }, 'labels that differ from one another'],
    [{ labels: 1 }, 'heads.animal.labels'],
    [{}, 'heads.animal.labels'],
    [{ labels, labelSmoothing: 1 }, 'heads.animal.labelSmoothing'],
  ])('refuses the config %o', (options, message) => {
    expect(() => create(options)).toThrow(message);
  });
});

describe('classificationMetrics', () => {
  it('agrees with a table counted by hand', () => {
    const rows = [
      { predicted: 0, actual: 0, probability: 0.5 },
      { predicted: 0, actual: 1, probability: 0.25 },
      { predicted: 1, actual: 1, probability: 0.5 },
      { predicted: 2, actual: 1, probability: 0.25 },
    ];
    const { accuracy, crossEntropy, macroF1 } = classificationMetrics(rows);
    expect(accuracy).toBe(0.5);
    expect(crossEntropy).toBeCloseTo(1.5 * Math.log(2), 12);
    expect(macroF1).toBeCloseTo((2 / 3 + 1 / 2 + 0) / 3, 12); // precision and recall of 0: ½ and 1; of 1: 1 and ⅓; of 2: 0
  });

  it('has no figures without rows', () => {
    expect(classificationMetrics([])).toEqual({});
  });
});
