import { fileURLToPath } from 'node:url';
import { registerOnnxBackend } from '@polymodal/backend-onnx';
import { inferenceContext, initialize, RandomKey } from '@polymodal/core';
import { createFromConfig } from '@polymodal/hub';
import { describeFamily } from '@polymodal/testing/family';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { idefics3Vision } from '.';

registerOnnxBackend();

const fixtures = fileURLToPath(new URL('../../../fixtures/families/idefics3-vision', import.meta.url));

describe.each(['cpu', 'onnx'])('idefics3-vision on %s', (backend) => {
  beforeAll(() => tf.setBackend(backend));
  describeFamily([idefics3Vision], fixtures);

  it('makes of a small picture among larger ones what it makes of it alone, whatever stands in its padding', () => {
    const { model } = createFromConfig([idefics3Vision], config);
    initialize(model, RandomKey.from(1));
    const small = tf.randomNormal<tf.Rank.R4>([1, 8, 12, 3], 0, 1, 'float32', 7);
    const large = tf.randomNormal<tf.Rank.R4>([1, 16, 12, 3], 0, 1, 'float32', 8);
    const padded = tf.pad(
      small,
      [
        [0, 0],
        [0, 8],
        [0, 0],
        [0, 0],
      ],
      Number.NaN,
    );
    const features = {
      pixelValues: tf.concat([padded, large]),
      patchMask: tf.stack([
        tf.pad(tf.ones([2, 3]), [
          [0, 2],
          [0, 0],
        ]),
        tf.ones([4, 3]),
      ]),
    };
    const together = model.encode({ rows: Int32Array.of(0, 1), features }, inferenceContext());
    [small, large].forEach((pixelValues, row) => {
      const alone = model.encode({ rows: Int32Array.of(0), features: { pixelValues } }, inferenceContext());
      const own = tf.slice(together.tokens, [row, 0, 0], [1, alone.tokens.shape[1], -1]);
      const off = tf.max(tf.abs(tf.sub(own, alone.tokens))).dataSync()[0];
      expect(off).toBeLessThan(1e-5); // float32 sums in another order
      const pooled = tf.sub(tf.slice(together.pooled, [row, 0], [1, -1]), alone.pooled);
      expect(tf.max(tf.abs(pooled)).dataSync()[0]).toBeLessThan(1e-5);
    });
    const { grads } = tf.variableGrads(() => {
      const { pooled } = model.encode({ rows: Int32Array.of(0, 1), features }, inferenceContext());
      return tf.sum(tf.square(pooled)) as tf.Scalar;
    });
    for (const gradient of Object.values(grads)) expect(gradient.dataSync().every(Number.isFinite)).toBe(true);
    model.dispose();
  });
});

const config = {
  ...{ model_type: 'idefics3_vision', image_size: 16, patch_size: 4, hidden_size: 8, intermediate_size: 12 },
  ...{ num_hidden_layers: 2, num_attention_heads: 2 },
};
