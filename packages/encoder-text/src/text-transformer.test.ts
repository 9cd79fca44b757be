import {
  inferenceContext,
  initialize,
  parseConfig,
  RandomKey,
  ShapeError,
  trainingContext,
  uploadBatch,
} from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { textTransformer } from './text-transformer-definition';

const schema = z.object({ ...textTransformer.config.shape, ...textTransformer.processor.config.shape });

function create(options: object = {}) {
  const config = parseConfig(schema, { numHiddenLayers: 2, numAttentionHeads: 2, bucketSize: 8, ...options }, '');
  const processor = textTransformer.processor.create(config, { slot: 'text', savedFile: () => undefined });
  const encoder = textTransformer.create(config, { slot: 'text', hiddenSize: 16, processor });
  initialize(encoder, RandomKey.from(1));
  return { processor, encoder };
}

function batchOf({ processor }: ReturnType<typeof create>, texts: string[]) {
  const features = processor.collate(texts.map((text) => processor.process(text)));
  return uploadBatch({
    size: texts.length,
    modalities: { text: { rows: Int32Array.from(texts.keys()), features } },
    targets: {},
  }).modalities.text;
}

const largest = (difference: tf.Tensor) => tf.max(tf.abs(difference)).arraySync() as number;

describe('TextTransformer', () => {
  it.each(['mean', 'cls', 'last'])(
    'gives a row in a batch with longer ones what it gives the row alone (%s)',
    (pooling) => {
      const made = create({ pooling });
      const together = made.encoder.encode(
        batchOf(made, ['ein langer Satz mit Wörtern', 'sieben', '']),
        inferenceContext(),
      );
      const alone = made.encoder.encode(batchOf(made, ['sieben']), inferenceContext());
      expect(together.tokens.shape).toEqual([3, 32, 16]);
      expect(largest(tf.sub(tf.slice(together.pooled, [1, 0], [1, 16]), alone.pooled))).toBeLessThan(1e-5);
    },
  );

  it('does not look at what the padding holds, be it an impossible id', () => {
    const made = create();
    const batch = batchOf(made, ['sieben', 'drei']);
    const mask = batch.features.mask as tf.Tensor2D;
    const inputIds = tf.where(tf.cast(mask, 'bool'), batch.features.inputIds, tf.fill(mask.shape, 1_000_000, 'int32'));
    const dirty = { ...batch, features: { inputIds, mask } };
    const [clean, other] = [batch, dirty].map((input) =>
      made.encoder.encode(input, inferenceContext()).pooled.dataSync(),
    );
    expect([...other]).toEqual([...clean]);
  });

  it('lets a causal token see only itself and those before it', () => {
    const made = create({ causal: true });
    const [first, second] = ['abcdef', 'abcxyz'].map(
      (text) => made.encoder.encode(batchOf(made, [text]), inferenceContext()).tokens,
    );
    const before = [0, 0, 0];
    expect(largest(tf.sub(tf.slice(first, before, [1, 4, 16]), tf.slice(second, before, [1, 4, 16])))).toBe(0); // start, a, b, c
    expect(
      largest(tf.sub(tf.slice(first, [0, 4, 0], [1, 1, 16]), tf.slice(second, [0, 4, 0], [1, 1, 16]))),
    ).toBeGreaterThan(1e-3);
  });

  it('sees the whole text, and its order, without causal', () => {
    const made = create();
    const [first, second] = ['abcdef', 'abcdeg', 'bacdef'].map((text) =>
      tf.slice(made.encoder.encode(batchOf(made, [text]), inferenceContext()).tokens, [0, 0, 0], [1, 1, 16]),
    );
    expect(largest(tf.sub(first, second))).toBeGreaterThan(1e-4);
    const pooled = ['ab', 'ba'].map((text) => made.encoder.encode(batchOf(made, [text]), inferenceContext()).pooled);
    expect(largest(tf.sub(pooled[0], pooled[1]))).toBeGreaterThan(1e-4);
  });

  it('reaches every parameter with a finite gradient', () => {
    const made = create({ maxLength: 32 });
    const batch = batchOf(made, ['sieben', 'drei']);
    const { grads } = tf.variableGrads(() => {
      const { pooled } = made.encoder.encode(batch, trainingContext(RandomKey.from(3), made.encoder));
      return tf.sum(tf.mul(pooled, tf.tensor2d(RandomKey.from(4).normal(32), [2, 16]))) as tf.Scalar;
    });
    for (const [path, parameter] of made.encoder.parameters()) {
      const gradient = grads[parameter.value.name];
      expect([path, [...gradient.dataSync()].every(Number.isFinite)]).toEqual([path, true]);
      // A key's bias shifts all logits of a query alike, so that its gradient is 0.
      if (!path.endsWith('key.bias')) expect([path, largest(gradient)]).not.toEqual([path, 0]);
    }
  });

  it('refuses more tokens than it has positions for', () => {
    const batch = batchOf(create({ maxLength: 64 }), ['a text of more than sixteen bytes']);
    expect(() => create({ maxLength: 16 }).encoder.encode(batch, inferenceContext())).toThrow(ShapeError);
  });

  it('has a row for each token of its tokenizer and a position for each of maxLength', () => {
    const { encoder } = create({ maxLength: 48, hiddenSize: 8 });
    const shapes = Object.fromEntries([...encoder.parameters()].map(([path, { shape }]) => [path, shape]));
    expect(shapes['tokenEmbeddings.weight']).toEqual([259, 8]);
    expect(shapes['positionEmbeddings.weight']).toEqual([48, 8]);
  });
});
