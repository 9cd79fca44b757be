import { type Encoders, inferenceContext, initialize, parseConfig, RandomKey, type Targets } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { type ContrastiveHead, contrastive, type Embeddings } from './contrastive-head';
import { contrastiveLoss } from './contrastive-loss';
import { fusedRows, randomVectors } from './fused-rows';

const encoders = { image: { pooledSize: 3 }, text: { pooledSize: 4 }, audio: { pooledSize: 5 } } as unknown as Encoders;

function create(options: Record<string, unknown> = {}, own = encoders): ContrastiveHead {
  const config = parseConfig(contrastive.config, options, 'heads.match');
  const setup = { name: 'match', fusion: { hiddenSize: 6 }, encoders: own, parent: undefined };
  const head = contrastive.create(config, setup as unknown as Parameters<typeof contrastive.create>[1]);
  initialize(head, RandomKey.from(1));
  return head as ContrastiveHead;
}

const pooled = randomVectors(4, 6, 9);
const [image, text, audio] = [3, 4, 5].map((size) => randomVectors(4, size, size));
const [a, b, c, d] = audio;

describe('ContrastiveHead', () => {
  it('gives each modality of a row an embedding of unit length', async () => {
    const [first, second] = await create().predict(
      fusedRows(pooled.slice(0, 2), { image: [image[0], undefined], audio: [a, b] }),
      inferenceContext(),
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
    const pair = (x: string, y: string, rows: number[]) =>
      contrastiveLoss(tf.gather(embeddings[x], rows), tf.gather(embeddings[y], rows), output.scale).dataSync()[0];
    const expected =
      (pair('image', 'text', [0, 2]) + pair('image', 'audio', [2, 3]) + pair('text', 'audio', [1, 2])) / 3;
    expect(head.loss(output, [])!.dataSync()[0]).toBeCloseTo(expected, 4);
  });

  it('tells which target it reads, and refuses values that no other can equal', () => {
    expect(create().targetNames).toEqual([]);
    const head = create({ target: 'scene' });
    expect(head.targetNames).toEqual(['scene']);
    for (const scene of ['a', 3, true, 5n, null, undefined]) expect(() => head.checkTargets({ scene })).not.toThrow();
    for (const scene of [Number.NaN, ['a'], new Date(0), {}]) {
      expect(() => head.checkTargets({ scene })).toThrow(/^targets\.scene: expected a string, a number or a boolean/);
    }
  });

  it('has nothing to learn where no two rows share a pair of modalities', () => {
    const head = create();
    const lone = { image: [image[0], image[1], undefined, undefined], text: [text[0], undefined, text[2], text[3]] };
    expect(head.loss(head.forward(fusedRows(pooled, lone)), [])).toBeUndefined();
    expect(head.loss(head.forward(fusedRows(pooled, { image })), [])).toBeUndefined();
  });

  it('takes rows with the same target for matches, and rows without one for themselves alone', () => {
    const input = fusedRows(pooled, { image, text });
    const loss = (target: string | undefined, targets: (Targets | undefined)[]) => {
      const head = create(target === undefined ? {} : { target });
      return head.loss(head.forward(input), targets)!.dataSync()[0];
    };
    const digits = [{ digit: 1 }, { digit: 2 }, { digit: 1 }, undefined];
    const head = create();
    const { embeddings, scale } = head.forward(input);
    const expected = contrastiveLoss(
      embeddings.image.values,
      embeddings.text.values,
      scale,
      [1, 2, 1, 3],
    ).dataSync()[0];
    expect(loss('digit', digits)).toBeCloseTo(expected, 5);
    expect(Math.abs(loss(undefined, digits) - expected)).toBeGreaterThan(1e-3);
    expect(loss('digit', [undefined, {}, { digit: null }, undefined])).toBeCloseTo(loss(undefined, []), 5);
  });

  it('starts at the temperature 0.07 and never goes below 0.01', () => {
    const head = create();
    const scale = () => head.forward(fusedRows(pooled, { image, text })).scale.dataSync()[0];
    expect(scale()).toBeCloseTo(1 / 0.07, 4);
    head.logitScale.assignValues(Float32Array.of(7));
    expect(scale()).toBeCloseTo(100, 2);
  });

  it('learns to match: gradient descent brings the loss down and recall up', async () => {
    const head = create({ modalities: ['text', 'audio'] });
    // as many dimensions as rows, so that projections exist which match them all
    const input = fusedRows(pooled, { text, audio });
    const optimizer = tf.train.adam(0.05);
    const variables = [...head.parameters().values()].map((parameter) => parameter.value as tf.Variable);
    for (let step = 0; step < 60; step++)
      optimizer.minimize(() => head.loss(head.forward(input), [])!, false, variables);
    expect(head.loss(head.forward(input), [])!.dataSync()[0]).toBeLessThan(0.1);
    const figures = head.evaluate(await head.predict(input, inferenceContext()), []);
    expect(figures).toEqual({ 'text→audio R@1': 1, 'audio→text R@1': 1 });
  });

  it('reports recall for each direction over the rows that have both, by target where there is one', () => {
    const head = create({ target: 'digit' });
    const [x, y] = [Float32Array.of(1, 0), Float32Array.of(0, 1)];
    const predictions: Embeddings[] = [
      { embeddings: { image: x, text: y } },
      { embeddings: { image: x, text: x } },
      { embeddings: { image: y, text: y } },
      { embeddings: { image: y } },
    ];
    const figures = head.evaluate(predictions, [{ digit: 1 }, { digit: 1 }, { digit: 2 }, { digit: 2 }]);
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
  ])('refuses %o', (options, own, message) => {
    expect(() => create(options, own)).toThrow(message);
  });
});
