import { type Encoders, initialize, type Parameter, parseConfig, RandomKey } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { type ContrastiveHead, contrastive, type Embeddings } from './contrastive-head';
import { contrastiveLoss } from './contrastive-loss';
import { groupOf, MatchProcessor } from './match-target';
import { fusedRows, randomVectors } from './testing/fused-rows';
import { answersOf, lossOf, targetBatch, targetFeatures } from './testing/run-head';

const encoders = { image: { pooledSize: 3 }, text: { pooledSize: 4 }, audio: { pooledSize: 5 } } as unknown as Encoders;

function create(options: Record<string, unknown> = {}, own = encoders): ContrastiveHead {
  const config = parseConfig(contrastive.config, options, 'heads.match');
  const setup = { name: 'match', fusion: { hiddenSize: 6 }, encoders: own, parent: undefined, target };
  const head = contrastive.create(config, setup as never);
  initialize(head, RandomKey.from(1));
  return head;
}

const target = new MatchProcessor();
const pooled = randomVectors(4, 6, 9);
const [image, text, audio] = [3, 4, 5].map((size) => randomVectors(4, size, size));
const [a, b, c, d] = audio;

describe('ContrastiveHead', () => {
  it('gives each modality of a row an embedding of unit length', () => {
    const [first, second] = answersOf(
      create(),
      fusedRows(pooled.slice(0, 2), { image: [image[0], undefined], audio: [a, b] }),
    );
    expect(Object.keys(first.embeddings)).toEqual(['image', 'audio']);
    expect(Object.keys(second.embeddings)).toEqual(['audio']);
    for (const vector of [...Object.values(first.embeddings), ...Object.values(second.embeddings)]) {
      expect(vector).toHaveLength(6);
      expect(Math.hypot(...vector)).toBeCloseTo(1, 5);
    }
  });

  it('averages the loss over the pairs of modalities, each over the rows that have both', () => {
    const head = create();
    const input = fusedRows(pooled, {
      image: [image[0], undefined, image[2], image[3]],
      text: [text[0], text[1], text[2], undefined],
      audio: [undefined, b, c, d],
    });
    const output = head.forward(input);
    const embeddings = Object.fromEntries(
      Object.entries({ image, text, audio }).map(([modality, vectors]) => {
        const projected = head.projections[modality].forward(tf.tensor2d(vectors));
        return [modality, tf.div(projected, tf.norm(projected, 'euclidean', 1, true)) as tf.Tensor2D];
      }),
    );
    const pair = (x: string, y: string, rows: number[]) => {
      const cosines = tf.matMul(tf.gather(embeddings[x], rows), tf.gather(embeddings[y], rows), false, true);
      const logits = tf.div<tf.Tensor2D>(cosines, 0.07);
      return contrastiveLoss(logits, tf.transpose(logits)).dataSync()[0];
    };
    const expected =
      (pair('image', 'text', [0, 2]) + pair('image', 'audio', [2, 3]) + pair('text', 'audio', [1, 2])) / 6;
    expect(lossOf(head, output, undefined, input)!.dataSync()[0]).toBeCloseTo(expected, 4);
  });

  it('refuses targets that no other can equal, and tells apart what is not equal', () => {
    const groups = ['a', 3, true, 5n, '3', 'true', 5, -3, 'b'].map((raw) => groupOf(target.process(raw)));
    expect(new Set(groups).size).toBe(groups.length);
    for (const raw of ['a', 3, true, 5n]) expect(groupOf(target.process(raw))).toBe(groupOf(target.process(raw)));
    for (const raw of [Number.NaN, ['a'], new Date(0), {}]) {
      expect(() => target.process(raw)).toThrow(/^expected a string, a number or a boolean/);
    }
    expect(create().needsTarget).toBe(false);
  });

  it('has nothing to learn where no two rows share a pair of modalities', () => {
    const head = create();
    const lone = { image: [image[0], image[1], undefined, undefined], text: [text[0], undefined, text[2], text[3]] };
    for (const input of [fusedRows(pooled, lone), fusedRows(pooled, { image })]) {
      expect(lossOf(head, head.forward(input), undefined, input)).toBeUndefined();
    }
  });

  it('takes rows with the same target for matches, and rows without one for themselves alone', () => {
    const input = fusedRows(pooled, { image, text });
    const loss = (...raws: unknown[]) => {
      const head = create();
      return lossOf(head, head.forward(input), targetBatch(target, raws), input)!.dataSync()[0];
    };
    const { embeddings } = create().forward(input);
    const logits = create().logits('image', embeddings.image.values, embeddings.text.values);
    const matches = tf.tensor2d([
      [1, 0, 1, 0],
      [0, 1, 0, 0],
      [1, 0, 1, 0],
      [0, 0, 0, 1],
    ]);
    const sum = contrastiveLoss(logits, tf.transpose(logits), matches).dataSync()[0];
    const none = loss(undefined, undefined, undefined, undefined);
    expect(loss(1, 2, 1, undefined)).toBeCloseTo(sum / 4, 5);
    expect(Math.abs(none - sum / 4)).toBeGreaterThan(1e-3);
    expect(loss(undefined, 1, undefined, 2)).toBeCloseTo(none, 5); // two rows without a target do not match
  });

  it('starts at the temperature 0.07 and never goes below 0.01, unless no bound is wanted', () => {
    const scales = [create(), create({ maxScale: null })].map((head) => {
      const scale = () => head.logits('image', tf.ones([1, 1]), tf.ones([1, 1])).dataSync()[0];
      const first = scale();
      (head.logitScale as Parameter).assignValues(Float32Array.of(7));
      return [first, scale()];
    });
    expect(scales[0][0]).toBeCloseTo(1 / 0.07, 4);
    expect(scales[0][1]).toBeCloseTo(100, 2);
    expect(scales[1][1]).toBeCloseTo(Math.exp(7), 1);
  });

  it('judges pairs by themselves, of one row too, on the scale and with the bias of the paper', () => {
    const head = create({ loss: 'sigmoid', modalities: ['image', 'text'] });
    const input = fusedRows(pooled.slice(0, 2), { image: image.slice(0, 2), text: text.slice(0, 2) });
    const { embeddings } = head.forward(input);
    const [images, texts] = ['image', 'text'].map((name) => embeddings[name].values.arraySync());
    const dot = (x: number[], y: number[]) => x.reduce((sum, value, axis) => sum + value * y[axis], 0);
    const logit = (i: number, j: number) => 10 * dot(images[i], texts[j]) - 10;
    const logistic = (x: number) => Math.log1p(Math.exp(-x));
    const sum = logistic(logit(0, 0)) + logistic(-logit(0, 1)) + logistic(-logit(1, 0)) + logistic(logit(1, 1));
    expect(lossOf(head, head.forward(input), undefined, input)!.dataSync()[0]).toBeCloseTo(sum / 2, 4);
    const lone = fusedRows(pooled.slice(0, 1), { image: [image[0]], text: [text[0]] });
    expect(lossOf(head, head.forward(lone), undefined, lone)!.dataSync()[0]).toBeCloseTo(logistic(logit(0, 0)), 4);
    const logits = head.logits('image', embeddings.image.values, embeddings.text.values);
    expect(head.probabilities(logits).arraySync()[1][0]).toBeCloseTo(1 / (1 + Math.exp(-logit(1, 0))), 6);
  });

  it('has a scale for each modality where it is asked to: rows choose by their own', () => {
    const head = create({ scalePerModality: true, modalities: ['image', 'text'] });
    expect([...head.parameters().keys()].slice(-2)).toEqual(['logitScale.image', 'logitScale.text']);
    const { logitScale } = head as { logitScale: Record<string, Parameter> };
    logitScale.image.assignValues(Float32Array.of(Math.log(2)));
    logitScale.text.assignValues(Float32Array.of(Math.log(3)));
    const input = fusedRows(pooled, { image, text });
    const { embeddings } = head.forward(input);
    const [ofImages, ofTexts] = [embeddings.image.values, embeddings.text.values];
    const cosines = tf.matMul(ofImages, ofTexts, false, true);
    const [perImage, perText] = [tf.mul(cosines, 2), tf.mul(tf.transpose(cosines), 3)] as tf.Tensor2D[];
    expect(tf.max(tf.abs(tf.sub(head.logits('text', ofTexts, ofImages), perText))).dataSync()[0]).toBeLessThan(1e-5);
    const expected = contrastiveLoss(perImage, perText).dataSync()[0] / 4;
    expect(lossOf(head, head.forward(input), undefined, input)!.dataSync()[0]).toBeCloseTo(expected, 5);
  });

  it('projects by two layers, or compares vectors as they are', () => {
    const mlp = create({ projection: 'mlp', modalities: ['image', 'text'] });
    const [linear1, bias1, linear2, bias2] = ['linear1.weight', 'linear1.bias', 'linear2.weight', 'linear2.bias'].map(
      (name) => mlp.parameters().get(`projections.image.${name}`)!.value as tf.Tensor2D,
    );
    const hidden = tf.relu(tf.add(tf.matMul(tf.tensor2d(image), linear1, false, true), bias1)) as tf.Tensor2D;
    const projected = tf.add(tf.matMul(hidden, linear2, false, true), bias2);
    const unit = tf.div(projected, tf.norm(projected, 'euclidean', 1, true)).arraySync() as number[][];
    const own = mlp.forward(fusedRows(pooled, { image })).embeddings.image.values.arraySync();
    own.flat().forEach((value, index) => expect(value).toBeCloseTo(unit.flat()[index], 5));

    const wide = { image: encoders.image, text: encoders.image };
    const none = create({ projection: 'none' }, wide);
    expect([...none.parameters().keys()]).toEqual(['logitScale']);
    const [{ embeddings }] = answersOf(none, fusedRows(pooled.slice(0, 1), { image: [[3, 0, 4]] }));
    [0.6, 0, 0.8].forEach((value, axis) => expect(embeddings.image[axis]).toBeCloseTo(value, 6));
  });

  it('learns to match: gradient descent brings the loss down and recall up', () => {
    const head = create({ modalities: ['text', 'audio'] });
    // as many dimensions as rows, so that projections exist which match them all
    const input = fusedRows(pooled, { text, audio });
    const optimizer = tf.train.adam(0.05);
    const variables = [...head.parameters().values()].map((parameter) => parameter.value as tf.Variable);
    for (let step = 0; step < 60; step++)
      optimizer.minimize(() => lossOf(head, head.forward(input), undefined, input)!, false, variables);
    expect(lossOf(head, head.forward(input), undefined, input)!.dataSync()[0]).toBeLessThan(0.1);
    const figures = head.evaluate(answersOf(head, input), []);
    expect(figures).toEqual({ 'text→audio R@1': 1, 'audio→text R@1': 1 });
  });

  it('reports recall for each direction over the rows that have both, by target where there is one', () => {
    const head = create();
    const [x, y] = [Float32Array.of(1, 0), Float32Array.of(0, 1)];
    const predictions: Embeddings[] = [
      { embeddings: { image: x, text: y } },
      { embeddings: { image: x, text: x } },
      { embeddings: { image: y, text: y } },
      { embeddings: { image: y } },
    ];
    const figures = head.evaluate(predictions, targetFeatures(target, [1, 1, 2, 2]));
    // Pictures 0 and 1 find text 1 of their digit; picture 2 finds texts 0 and 2 equally near, which does not count.
    expect(figures).toEqual({ 'image→text R@1': 2 / 3, 'text→image R@1': 2 / 3 });
  });

  it.each([
    [
      { modalities: ['image', 'sound'] },
      encoders,
      'heads.match.modalities: expected the name of an encoder slot, received "sound"',
    ],
    [{ modalities: ['image', 'image'] }, encoders, 'heads.match.modalities: expected at least two modalities to align'],
    [
      {},
      { image: encoders.image },
      'heads.match.modalities: expected at least two modalities to align, received image',
    ],
    [{ temperature: 0 }, encoders, 'heads.match.temperature'],
    [{ temperature: 0.005 }, encoders, 'heads.match.temperature: expected at least 1 / maxScale, 0.01'],
    [{ bias: -5 }, encoders, 'heads.match.bias: expected none'],
    [{ loss: 'sigmoid', scalePerModality: true }, encoders, 'heads.match.scalePerModality: expected false'],
    [{ projection: 'none' }, encoders, 'received "none" for image (3), text (4), audio (5)'],
    [
      { projection: 'none', embeddingSize: 5 },
      { image: encoders.image, text: encoders.image },
      "heads.match.embeddingSize: expected the width of the encoders' vectors, 3",
    ],
  ])('refuses %o', (options, own, message) => {
    expect(() => create(options, own)).toThrow(message);
  });
});
