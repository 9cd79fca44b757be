import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { composeModel } from '../compose-model';
import type { Context } from '../context';
import { ConfigError } from '../errors';
import type { Encoders } from '../fusion';
import type { Model } from '../model';
import type { FusionDefinition } from '../plugin';
import { createRegistry } from '../registry';
import { numbersPlugin } from '../testing/test-parts';
import { attentionMaps } from './attention-maps';

/** A fusion that adds, and says that it looked at two numbers of the left. */
function modelThatLooks(): Model {
  const [sum] = numbersPlugin.fusions as readonly FusionDefinition[];
  const looking: FusionDefinition = {
    ...sum,
    create(options, setup) {
      const fusion = sum.create(options, setup);
      const forward = fusion.forward.bind(fusion);
      return Object.assign(fusion, {
        forward(encoders: Encoders, batch: Parameters<typeof forward>[1], context: Context) {
          const weights = () => tf.mul(tf.tensor3d([[[0.5, 1.5]]]), 0.5) as tf.Tensor3D;
          context.tellAttention?.({ place: 'eyes', query: undefined, slot: 'left', weights: weights() });
          return forward(encoders, batch, context);
        },
      });
    },
  };
  return composeModel(createRegistry([{ ...numbersPlugin, fusions: [looking] }]), {
    hiddenSize: 2,
    encoders: { left: { use: 'numbers' } },
    fusion: { use: 'sum' },
    heads: { total: { use: 'total' } },
  }) as Model;
}

it('reads what a fusion tells of its attention to a sample, and keeps no tensor', async () => {
  const model = modelThatLooks();
  const before = tf.memory().numTensors;
  expect(await attentionMaps(model, { left: [1, 2] })).toEqual([
    { place: 'eyes', query: undefined, slot: 'left', shape: [1, 2], weights: Float32Array.of(0.25, 0.75) },
  ]);
  expect(tf.memory().numTensors).toBe(before);
  model.dispose();
});

it('has none of a fusion that tells nothing, and refuses what is no model', async () => {
  const model = composeModel(createRegistry([numbersPlugin]), {
    hiddenSize: 2,
    encoders: { left: { use: 'numbers' } },
    fusion: { use: 'sum' },
    heads: { total: { use: 'total' } },
  }) as Model;
  expect(await attentionMaps(model, { left: [1] })).toEqual([]);
  model.dispose();
  await expect(attentionMaps({} as Model, { left: [1] })).rejects.toThrow(ConfigError);
});
