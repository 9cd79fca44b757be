import {
  ConfigError,
  composeModel,
  createRegistry,
  inferenceContext,
  initialize,
  parseConfig,
  RandomKey,
  trainingContext,
  uploadBatch,
} from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { audio, type MelTransformer, melTransformer } from './index';

const schema = z.object({ ...melTransformer.config.shape, ...melTransformer.processor.config.shape });
const setup = { slot: 'audio', savedFile: () => undefined };

function create(options: object = {}, hiddenSize = 16) {
  const config = parseConfig(schema, { numHiddenLayers: 2, numAttentionHeads: 2, ...options }, '');
  const processor = melTransformer.processor.create(config, setup);
  const encoder = melTransformer.create(config, { slot: 'audio', hiddenSize, processor }) as MelTransformer;
  initialize(encoder, RandomKey.from(1));
  return { processor, encoder };
}

async function batchOf({ processor }: ReturnType<typeof create>, lengths: number[]) {
  const rows = await Promise.all(
    lengths.map((length) => processor.process({ samples: RandomKey.from(length).normal(length), sampleRate: 16000 })),
  );
  const features = processor.collate(rows);
  return uploadBatch({
    size: rows.length,
    modalities: { audio: { rows: Int32Array.from(rows.keys()), features } },
    targets: {},
  }).modalities.audio;
}

describe('MelTransformer', () => {
  it('makes one token of 40 ms by default, and a pooled vector', async () => {
    const made = create();
    const encoded = made.encoder.encode(await batchOf(made, [8000, 5000]), inferenceContext());
    expect(encoded.tokens.shape).toEqual([2, 16, 16]);
    expect([...tf.sum(encoded.mask, 1).dataSync()]).toEqual([13, 8]); // 50 and 31 frames, a quarter of them, rounded up
    expect(encoded.pooled.shape).toEqual([2, 16]);
  });

  it('gives a row in a batch with longer ones what it gives the row alone', async () => {
    const made = create();
    const together = made.encoder.encode(await batchOf(made, [20000, 5000, 3000]), inferenceContext()).pooled;
    const alone = made.encoder.encode(await batchOf(made, [5000]), inferenceContext()).pooled;
    const difference = tf.max(tf.abs(tf.sub(tf.slice(together, [1, 0], [1, 16]), alone))).arraySync() as number;
    expect(difference).toBeLessThan(1e-5);
  });

  it('reaches every parameter with a finite gradient, with NaN in the padded frames too', async () => {
    const made = create();
    const batch = await batchOf(made, [5000, 3000]);
    const mask = batch.features.mask as tf.Tensor2D;
    const logMel = tf.where(tf.cast(tf.expandDims(mask, 2), 'bool'), batch.features.logMel, Number.NaN);
    const dirty = { ...batch, features: { mask, logMel } };
    const gradientsOf = (input: typeof batch) =>
      tf.variableGrads(() => {
        const { pooled } = made.encoder.encode(input, trainingContext(RandomKey.from(3), made.encoder));
        return tf.sum(tf.mul(pooled, tf.tensor2d(RandomKey.from(4).normal(32), [2, 16]))) as tf.Scalar;
      }).grads;
    const [clean, withNaN] = [gradientsOf(batch), gradientsOf(dirty)];
    for (const [path, parameter] of made.encoder.parameters()) {
      const gradient = clean[parameter.value.name];
      expect([path, [...gradient.dataSync()].every(Number.isFinite)]).toEqual([path, true]);
      // A key's bias shifts all logits of a query alike, so that its gradient is 0.
      if (!path.endsWith('key.bias')) expect([path, tf.max(tf.abs(gradient)).arraySync()]).not.toEqual([path, 0]);
      expect([...withNaN[parameter.value.name].dataSync()]).toEqual([...gradient.dataSync()]);
    }
  });

  it('takes its own width, strides and kernel', async () => {
    const made = create({ hiddenSize: 8, convStrides: [1, 2], convKernelSize: 5 });
    const encoded = made.encoder.encode(await batchOf(made, [8000]), inferenceContext());
    expect(encoded.tokens.shape).toEqual([1, 32, 8]);
    expect(made.encoder.hiddenSize).toBe(8);
  });

  it('refuses options that cannot work', () => {
    expect(() => create({ convKernelSize: 4 })).toThrow(/convKernelSize: expected an odd number, received 4/);
    expect(() => create({ convStrides: [] })).toThrow(ConfigError);
    expect(() => create({ numAttentionHeads: 1 }, 15)).toThrow(/hiddenSize: expected an even number, received 15/);
  });

  it('is found in a registry under its name, with the nearest option named for a misspelt one', () => {
    const registry = createRegistry([audio]);
    const config = {
      hiddenSize: 16,
      encoders: { audio: { use: 'mel-transformer', numMelBin: 40 } },
      fusion: { use: 'x' },
      heads: {},
    };
    // @ts-expect-error the misspelt option and the fusion are unknown to the type as well
    expect(() => composeModel(registry, config)).toThrow(/encoders\.audio: .*Did you mean "numMelBins"/);
  });
});
