import { inferenceContext, initialize, RandomKey, trainingContext } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { describeOnEveryBackend } from './testing/every-backend';
import { describeParity } from './testing/parity';
import { seededTensor } from './testing/seeded-tensor';
import { TransformerLayer, type TransformerLayerConfig } from './transformer-layer';

describeParity<TransformerLayerConfig, TransformerLayer>('transformer-layer', {
  create: (config) => new TransformerLayer(config),
  forward: (layer, { tokens, mask, attentionBias }, context) =>
    layer.forward(tokens as tf.Tensor3D, mask as tf.Tensor2D, context, attentionBias),
});

const config = { hiddenSize: 8, numAttentionHeads: 2, intermediateSize: 12 };

function transformerLayer(options: Partial<TransformerLayerConfig> = {}): TransformerLayer {
  const layer = new TransformerLayer({ ...config, ...options });
  initialize(layer, RandomKey.from(0));
  return layer;
}

describeOnEveryBackend('TransformerLayer', () => {
  it('has those biases of projections that are asked for', () => {
    const { query, key, value, output } = transformerLayer({
      projectionBias: { query: false, value: false },
    }).attention;
    expect([query, key, value, output].map(({ bias }) => bias !== undefined)).toEqual([false, true, false, true]);
  });

  it.each(['pre', 'post'] as const)(
    'keeps garbage at padded positions from the other tokens and from all gradients (%s-norm)',
    (normPosition) => {
      const layer = transformerLayer({ normPosition });
      const mask = tf.tensor2d([[1, 1, 1, 0, 0]]);
      const run = (garbage: number) => {
        const parameters = [...layer.parameters().values()].map((parameter) => parameter.value);
        const padding = tf.mul(seededTensor([1, 2, 8], 7), garbage);
        const tokens = tf.concat([seededTensor([1, 3, 8]), padding], 1) as tf.Tensor3D;
        const { value, grads } = tf.variableGrads(() => {
          const y = layer.forward(tokens, mask, inferenceContext());
          return tf.sum(tf.square(tf.slice(y, [0, 0, 0], [1, 3, 8]))) as tf.Scalar;
        }, parameters);
        return [value.dataSync()[0], ...parameters.map(({ name }) => [...grads[name].dataSync()])];
      };
      const clean = run(0);
      expect(run(1)).toEqual(clean);
      expect(run(1e30)).toEqual(clean);
    },
  );

  it('is the identity for a row whose branches are dropped', () => {
    const layer = transformerLayer({ dropPath: 0.99 });
    const x = seededTensor<tf.Tensor3D>([4, 3, 8]);
    const y = layer.forward(x, tf.ones([4, 3]), trainingContext(RandomKey.from(4), layer));
    expect([...y.dataSync()]).toEqual([...x.dataSync()]); // the seed drops all eight branches, as 0.99⁸ = 92 % of seeds do
  });
});

describe('TransformerLayer', () => {
  it('draws a key for each kind of dropping, and none in inference', () => {
    const layer = transformerLayer({ hiddenDropout: 0.1, attentionDropout: 0.1, dropPath: 0.1 });
    const base = trainingContext(RandomKey.from(0), layer);
    let drawn = 0;
    const drawFor: typeof base.drawFor = (...draw) => {
      drawn++;
      return base.drawFor(...draw);
    };
    const x = seededTensor<tf.Tensor3D>([2, 3, 8]);
    layer.forward(x, tf.ones([2, 3]), { ...base, drawFor });
    expect(drawn).toBe(5); // attention weights, two branches, two stochastic depths
    layer.forward(x, tf.ones([2, 3]), { ...base, training: false, drawFor });
    expect(drawn).toBe(5);
  });

  it.each([
    { option: 'hiddenDropout', value: 1 },
    { option: 'attentionDropout', value: Number.NaN },
    { option: 'dropPath', value: -0.5 },
  ])('refuses $option = $value', ({ option, value }) => {
    expect(() => transformerLayer({ [option]: value })).toThrow(
      `${option}: expected a rate in [0, 1), received ${value}.`,
    );
  });

  it('refuses a place for the norms that it does not know', () => {
    expect(() => transformerLayer({ normPosition: 'middle' as 'pre' })).toThrow(
      "normPosition: expected 'pre' or 'post', received \"middle\".",
    );
  });
});
