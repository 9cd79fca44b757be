import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { registerOnnxBackend } from '@polymodal/backend-onnx';
import { composeUnchecked, createRegistry, type Model, RandomKey } from '@polymodal/core';
import { audio } from '@polymodal/encoder-audio';
import { text } from '@polymodal/encoder-text';
import { vision } from '@polymodal/encoder-vision';
import { fusion } from '@polymodal/fusion';
import { headText } from '@polymodal/head-text';
import { heads } from '@polymodal/heads';
import { describeModel } from '@polymodal/testing';
import { type TrainOptions, train } from '@polymodal/trainer';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';

const registry = createRegistry([text, vision, audio, fusion, heads, headText]);

/** Everything that is learned without labels, in one model. */
const config = {
  hiddenSize: 16,
  encoders: {
    image: { use: 'vit', imageSize: 16, patchSize: 4, numHiddenLayers: 1, numAttentionHeads: 2 },
    text: { use: 'transformer', maxLength: 24, numHiddenLayers: 1, numAttentionHeads: 2 },
    audio: { use: 'mel-transformer', numMelBins: 8, numHiddenLayers: 1, numAttentionHeads: 2 },
  },
  fusion: { use: 'masked-transformer', numHiddenLayers: 1, numAttentionHeads: 2 },
  heads: {
    align: { use: 'contrastive', embeddingSize: 8 },
    match: { use: 'matching', input: 'align', modalities: ['image', 'text'] },
    words: { use: 'masked-language-model', probability: 0.3, wholeWords: true },
    pixels: { use: 'masked-autoencoder', of: 'image', numHiddenLayers: 1, numAttentionHeads: 2 },
    frames: { use: 'masked-autoencoder', of: 'audio', ratio: 0.5, numHiddenLayers: 1, numAttentionHeads: 2 },
  },
};

const colours = ['red', 'green', 'blue'];

/** A picture of one colour with some noise, what it is called, and a tone. */
function sampleOf(key: RandomKey) {
  const colour = key.fold('colour').integer(0, 3);
  const noise = key.fold('noise').uniform(16 * 16);
  const data = Uint8Array.from({ length: 16 * 16 * 3 }, (_, at) =>
    at % 3 === colour ? 200 + 40 * noise[Math.floor(at / 3)] : 20,
  );
  const length = 1600 + 400 * key.fold('length').integer(0, 4);
  const samples = Float32Array.from({ length }, (_, at) => Math.sin(at * 0.05 * (colour + 1)));
  return {
    image: { data, width: 16, height: 16, channels: 3 as const },
    text: `it is a ${colours[colour]} one`,
    audio: { samples, sampleRate: 16_000 },
  };
}

describeModel('what is learned without labels', { registry, config, sample: sampleOf });

const valuesOf = (model: Model) => [...model.parameters().values()].map(({ value }) => [...value.dataSync()]);

describe('pre-training', () => {
  let onnx: ReturnType<typeof registerOnnxBackend>;

  beforeAll(async () => {
    onnx = registerOnnxBackend();
    await tf.setBackend('onnx');
  });

  const data = Array.from({ length: 8 }, (_, index) => {
    const { audio: sound, ...rest } = sampleOf(RandomKey.from(3).fold(index));
    return index % 4 === 3 ? rest : { ...rest, audio: sound };
  });
  const options = { epochs: 4, batchSize: 4, learningRate: 5e-3, progress: false } as const;
  const run = (own: Partial<TrainOptions> = {}) =>
    train(composeUnchecked(registry, config), { data, ...options, ...own } as TrainOptions);

  it('lowers every loss, and is the same to the bit with replayed steps and from a checkpoint', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'polymodal-pretraining-'));
    const before = onnx.statistics().fallbacks;
    const recorded = await run({ replay: false });
    const first = recorded.epochs[0].losses;
    const last = recorded.epochs.at(-1)!.losses;
    for (const head of ['align', 'words', 'pixels', 'frames']) expect(last[head]).toBeLessThan(first[head]);
    expect(last.match).toBeGreaterThan(0);
    const stop = new AbortController();
    await run({ directory, signal: stop.signal, onEpoch: ({ epoch }) => void (epoch === 2 && stop.abort()) });
    const resumed = await run({ directory });
    expect(valuesOf(resumed.model)).toEqual(valuesOf(recorded.model));
    expect(onnx.statistics().fallbacks).toEqual(before); // or values would be read within steps, which are then not replayed
  });
});
