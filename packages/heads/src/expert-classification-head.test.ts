import { fusedPart, type HeadInput, inferenceContext, initialize, parseConfig, RandomKey } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { ClassProcessor } from './class-target';
import { type ExpertClassificationHead, expertClassification } from './expert-classification-head';
import { fusedRows, randomVectors } from './testing/fused-rows';
import { answersOf, lossOf, targetBatch, targetFeatures } from './testing/run-head';

const encoders = { image: { pooledSize: 3 }, text: { pooledSize: 2 } };
const labels = ['cat', 'dog', 'fish'];
const target = new ClassProcessor(labels);
const setup = { name: 'animal', fusion: { hiddenSize: 4 }, encoders, parent: undefined, target } as never;

function create(options: Record<string, unknown> = {}): ExpertClassificationHead {
  const config = { ...parseConfig(expertClassification.config, options, 'heads.animal'), labels };
  const head = expertClassification.create(config, setup);
  initialize(head, RandomKey.from(1));
  for (const [path, parameter] of head.parameters()) {
    parameter.assignValues(RandomKey.from(2).fold(path).normal(parameter.size)); // not the small ones of the start
  }
  return head;
}

const image = randomVectors(3, 3, 3);
const text = randomVectors(3, 2, 4);
const pooled = randomVectors(3, 4, 5);
/** The first row has both modalities, the second a picture, the third a text. */
const mixed = fusedRows(pooled, { image: [image[0], image[1], undefined], text: [text[0], undefined, text[2]] });

/** W x + b by a naive loop. */
function apply(
  linear: { weight: { value: tf.Tensor }; bias: { value: tf.Tensor } | undefined },
  x: number[],
): number[] {
  const bias = linear.bias!.value.dataSync();
  return (linear.weight.value.arraySync() as number[][]).map((row, k) =>
    row.reduce((sum, w, i) => sum + w * x[i], bias[k]),
  );
}

function sum(...vectors: number[][]): number[] {
  return vectors[0].map((_, k) => vectors.reduce((total, vector) => total + vector[k], 0));
}

function surprise(logits: number[], index: number): number {
  return Math.log(logits.reduce((total, value) => total + Math.exp(value), 0)) - logits[index];
}

describe('ExpertClassificationHead', () => {
  const head = create();
  const { fused, experts } = head;
  const expected = [
    sum(apply(fused.classifier, pooled[0]), apply(experts.image, image[0]), apply(experts.text, text[0])),
    sum(apply(fused.classifier, pooled[1]), apply(experts.image, image[1])),
    sum(apply(fused.classifier, pooled[2]), apply(experts.text, text[2])),
  ];

  it('adds the logits of the fused classifier and of the experts of the modalities that a row has', () => {
    const { logits } = head.forward(mixed, inferenceContext());
    expected.forEach((row, b) => {
      row.forEach((value, k) => expect((logits.arraySync() as number[][])[b][k]).toBeCloseTo(value, 4));
    });
  });

  it('learns from the answer and, weighted, from the mean of all that experts say alone', () => {
    const wanted = targetBatch(target, ['cat', 'dog', undefined]);
    const answer = (surprise(expected[0], 0) + surprise(expected[1], 1)) / 2;
    const ofImage = surprise(apply(experts.image, image[0]), 0) + surprise(apply(experts.image, image[1]), 1);
    const ofText = surprise(apply(experts.text, text[0]), 0);
    for (const expertWeight of [1, 0.5, 0]) {
      const own = create({ expertWeight });
      const loss = lossOf(own, own.forward(mixed, inferenceContext()), wanted, mixed)!.dataSync()[0];
      expect(loss).toBeCloseTo(answer + (expertWeight * (ofImage + ofText)) / 3, 4);
    }
    expect(lossOf(head, head.forward(mixed, inferenceContext()), undefined, mixed)).toBeUndefined();
  });

  it('still teaches an encoder when another knows the answer already', () => {
    const both = { text: [text[0]], image: [image[0]] };
    const gradient = (expertWeight: number) => {
      const own = create({ expertWeight });
      own.experts.text.bias!.assignValues(Float32Array.of(40, 0, 0)); // the text is sure that it is a cat
      const teach = (x: tf.Tensor) => {
        const input = fusedRows([pooled[0]], both);
        const encoded = fusedPart(input.fused, 'encoded');
        const learned = { ...encoded, image: { ...encoded.image, pooled: x as tf.Tensor2D } };
        const soiled: HeadInput = { ...input, fused: { ...input.fused, encoded: learned } };
        return lossOf(own, own.forward(soiled, inferenceContext()), targetBatch(target, ['cat']), soiled)!;
      };
      return Math.max(...tf.abs(tf.grad(teach)(tf.tensor2d([image[0]]))).dataSync());
    };
    expect(gradient(0)).toBeLessThan(1e-6);
    expect(gradient(1)).toBeGreaterThan(0.01);
  });

  it('answers at first as without an expert, so that a modality can be added to a trained model', () => {
    const config = { ...parseConfig(expertClassification.config, {}, 'heads.animal'), labels };
    const fresh = expertClassification.create(config, setup);
    initialize(fresh, RandomKey.from(1));
    const { logits } = fresh.forward(mixed, inferenceContext());
    expect(logits.arraySync()).toEqual(fresh.fused.forward(mixed, inferenceContext()).arraySync());
  });

  it('gives a head that it feeds the rows which that runs on', () => {
    const { logits, experts: own } = head.selectRows(head.forward(mixed, inferenceContext()), [0, 2]);
    expect((logits.arraySync() as number[][])[1][0]).toBeCloseTo(expected[2][0], 4);
    expect([...own.image.rows]).toEqual([0]);
    expect([...own.text.rows]).toEqual([0, 1]);
    expect((own.text.logits.arraySync() as number[][])[1][1]).toBeCloseTo(apply(experts.text, text[2])[1], 4);
  });

  it('says beside its answer what each modality says alone', () => {
    const answers = answersOf(head, mixed);
    expect(answers.map(({ experts }) => Object.keys(experts))).toEqual([['image', 'text'], ['image'], ['text']]);
    answers.forEach(({ index }, row) => expect(index).toBe(expected[row].indexOf(Math.max(...expected[row]))));
    const alone = apply(experts.text, text[2]);
    expect(answers[2].experts.text.index).toBe(alone.indexOf(Math.max(...alone)));
    expect(answers[2].experts.text.probability).toBeCloseTo(
      Math.exp(-surprise(alone, answers[2].experts.text.index)),
      5,
    );
    const wanted = [
      answers[0].experts.image.label,
      answers[1].experts.image.label,
      labels[(answers[2].experts.text.index + 1) % 3],
    ];
    expect(head.evaluate(answers, targetFeatures(target, wanted))).toMatchObject({
      'image alone accuracy': 1,
      'text alone accuracy': answers[0].experts.text.label === answers[0].experts.image.label ? 0.5 : 0,
    });
  });
});
