import {
  type Batch,
  type Encoders,
  type HeadDefinition,
  inferenceContext,
  initialize,
  type Module,
  parseConfig,
  RandomKey,
  trainingContext,
} from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { type ContrastiveHead, contrastive } from './contrastive-head';
import { MatchProcessor } from './match-target';
import { matching } from './matching';
import type { MatchingHead } from './matching-head';
import { targetBatch } from './testing/run-head';

const encoders = { image: { pooledSize: 4 }, text: { pooledSize: 4 } } as unknown as Encoders;
const processor = new MatchProcessor();

function create<H extends Module>(definition: HeadDefinition, options: object, parent?: unknown): H {
  const config = parseConfig(definition.config, options, 'heads.match');
  const setup = { name: 'match', fusion: { hiddenSize: 4 }, encoders, parent, target: processor };
  const head = definition.create(config as never, setup as never);
  initialize(head, RandomKey.from(1));
  return head as unknown as H;
}

const aligning = () =>
  create<ContrastiveHead>(contrastive as HeadDefinition, { projection: 'none', temperature: 0.05 });
const headWith = (parent?: ContrastiveHead, options: object = {}) =>
  create<MatchingHead>(matching as unknown as HeadDefinition, options, parent);

/** Of n rows, whose values are their numbers. */
function batchOf(size: number): Batch {
  const rows = Int32Array.from({ length: size }, (_, row) => row);
  const modality = (offset: number) => ({ rows, features: { value: tf.range(offset, offset + size) } });
  return { size, modalities: { image: modality(0), text: modality(100), audio: modality(200) }, targets: {} };
}

/** Which rows are paired: of each modality, for the three parts of a view. */
function pairsIn(view: Batch): [image: number, text: number][] {
  const [images, texts] = [view.modalities.image, view.modalities.text].map(({ features }) =>
    features.value.dataSync(),
  );
  return Array.from(images, (image, row) => [image, texts[row] - 100]);
}

const embeddingsOf = (vectors: number[][]) => ({
  embeddings: Object.fromEntries(
    ['image', 'text'].map((slot) => [
      slot,
      { values: tf.tensor2d(vectors), rows: Int32Array.from(vectors, (_, row) => row) },
    ]),
  ),
});

describe('MatchingHead', () => {
  beforeAll(() => tf.setBackend('cpu'));

  it('pairs each row with another one on either side, and with nothing else', () => {
    const head = headWith();
    const context = trainingContext(RandomKey.from(0), head);
    const view = head.view(batchOf(5), { target: undefined, parent: undefined }, context);
    expect(view.size).toBe(15);
    expect(Object.keys(view.modalities)).toEqual(['image', 'text']); // what else a row has would tell
    const pairs = pairsIn(view);
    for (let row = 0; row < 5; row++) {
      expect(pairs[row]).toEqual([row, row]);
      expect(pairs[5 + row][0]).toBe(row);
      expect(pairs[5 + row][1]).not.toBe(row);
      expect(pairs[10 + row][1]).toBe(row);
      expect(pairs[10 + row][0]).not.toBe(row);
    }
  });

  it('draws what is similar, as often as the softmax of similarities says', () => {
    const parent = aligning();
    const head = headWith(parent);
    const angle = (degrees: number) => [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180), 0, 0];
    const vectors = [angle(0), angle(20), angle(35), angle(150)];
    const output = embeddingsOf(vectors);
    const counts = [0, 0, 0, 0];
    const rounds = 1500;
    for (let step = 0; step < rounds; step++) {
      const context = trainingContext(RandomKey.from(9).fold(step), head);
      tf.tidy(
        () => void counts[pairsIn(head.view(batchOf(4), { target: undefined, parent: output }, context))[4][1]]++,
      );
    }
    const logits = vectors.map((own) => own.reduce((sum, value, axis) => sum + value * vectors[0][axis], 0) / 0.05);
    const total = logits.reduce((sum, logit) => sum + Math.exp(logit), 0);
    const weights = logits.map((logit, row) => (row === 0 ? 0 : Math.exp(logit) / total + 1e-4));
    const expected = weights.map((weight) => weight / weights.reduce((sum, own) => sum + own, 0));
    // four standard deviations of a share among so many draws
    expected.forEach((share, row) => {
      expect(Math.abs(counts[row] / rounds - share)).toBeLessThan(4 * Math.sqrt((share * (1 - share)) / rounds) + 1e-9);
    });
  });

  it('never pairs rows that match, and does not count a row that has no other', () => {
    const head = headWith();
    const target = targetBatch(processor, ['a', 'a', 'b', 'a']);
    for (let step = 0; step < 20; step++) {
      const context = trainingContext(RandomKey.from(step), head);
      const pairs = pairsIn(head.view(batchOf(4), { target, parent: undefined }, context));
      for (const row of [0, 1, 3]) expect([pairs[4 + row][1], pairs[8 + row][0]]).toEqual([2, 2]);
    }
    const alike = targetBatch(processor, ['a', 'a']);
    const rows = { size: 2, rows: {} };
    expect(head.loss(alike, rows)).toEqual({});
    expect(head.loss(target, { size: 4, rows: {} }).matching.count).toBe(12);
  });

  it('has the cross-entropy of two classes over all pairs, in closed form, with its gradient', () => {
    const head = headWith();
    const target = targetBatch(processor, ['a', undefined, 'a']);
    const logits = [0.3, -1.2, 2, 0.1, -0.4, 1.5, -2, 0.7, 0.9];
    const { count, sum } = head.loss(target, { size: 3, rows: {} }).matching;
    const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
    const terms = logits.map((logit, row) => -Math.log(row < 3 ? sigmoid(logit) : 1 - sigmoid(logit)));
    const { value, grad } = tf.valueAndGrad((own) => sum(own as tf.Tensor1D, inferenceContext()))(tf.tensor1d(logits));
    expect(count).toBe(9);
    expect(value.dataSync()[0]).toBeCloseTo(
      terms.reduce((total, own) => total + own, 0),
      4,
    );
    grad.dataSync().forEach((own, row) => {
      expect(own).toBeCloseTo(sigmoid(logits[row]) - (row < 3 ? 1 : 0), 5);
    });
  });

  it('refuses what it cannot go by', () => {
    expect(() => headWith(undefined, { modalities: ['image', 'sound'] })).toThrow(/name of an encoder slot/);
    expect(() => headWith(undefined, { modalities: ['image', 'image'] })).toThrow(/two modalities of the model/);
    expect(() => headWith(headWith() as never)).toThrow(/a head "contrastive" that aligns image and text/);
  });
});
