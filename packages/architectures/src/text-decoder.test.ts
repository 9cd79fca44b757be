import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { registerOnnxBackend } from '@polymodal/backend-onnx';
import {
  composeModel,
  createRegistry,
  disposeBatch,
  inferenceContext,
  meanLoss,
  type Sample,
  uploadBatch,
} from '@polymodal/core';
import { loadModel, saveModel } from '@polymodal/core/node';
import { audio } from '@polymodal/encoder-audio';
import { text } from '@polymodal/encoder-text';
import { vision } from '@polymodal/encoder-vision';
import { fusion } from '@polymodal/fusion';
import { type attendedTokens, headText, type TextDecoderHead } from '@polymodal/head-text';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';

registerOnnxBackend();
beforeAll(async () => {
  await tf.setBackend('onnx');
});

const registry = createRegistry([text, vision, audio, fusion, headText]);
const picture = (value: number) => ({
  width: 8,
  height: 8,
  channels: 3 as const,
  data: new Uint8Array(192).fill(value),
});
const sound = (length: number) => ({
  samples: Float32Array.from({ length }, (_, at) => Math.sin(at * at)),
  sampleRate: 16000,
});
const samples: Sample[] = [
  { photo: picture(9), note: 'green', speech: sound(4000) },
  { note: 'a longer note about it' },
  { photo: picture(200) },
  { speech: sound(9000), note: 'x' },
];
const layers = { numHiddenLayers: 1, numAttentionHeads: 2, hiddenDropout: 0 } as const;
const encoders = {
  photo: { use: 'vit', imageSize: 8, patchSize: 4, ...layers },
  note: { use: 'transformer', maxLength: 32, ...layers },
  speech: { use: 'mel-transformer', ...layers },
} as const;
const caption = { use: 'text-decoder', ...layers, numHiddenLayers: 2, maxLength: 12, prefixIds: [40] } as const;

const fusions = [{ use: 'masked-transformer', ...layers }, { use: 'early', ...layers }, { use: 'mean' }] as const;

describe.each(fusions)('a decoder behind $use', (own) => {
  it('writes about rows of any modalities, and in a batch as alone, what a loop without a cache writes', async () => {
    const model = composeModel(registry, { hiddenSize: 16, encoders, fusion: own, heads: { caption } });
    const asked = { heads: { caption: { minNewTokens: 5, maxNewTokens: 5 } } };
    const together = await model.predict(samples, asked);
    const plain = await model.predict(samples, { ...asked, compile: false });
    for (const [row, sample] of samples.entries()) {
      const { ids } = together[row].caption;
      expect([...ids]).toEqual([...plain[row].caption.ids]);
      const [alone] = await model.predict([sample], asked);
      expect([...ids]).toEqual([...alone.caption.ids]);
      const batch = uploadBatch(model.collate([await model.prepare(sample)]));
      const { fused } = model.forward(batch, inferenceContext(), []);
      expect([...ids]).toEqual(greedy(model.heads.caption as unknown as TextDecoderHead, fused));
      disposeBatch(batch);
    }
    model.dispose();
  });
});

/** Each token from all before it, computed anew; the end (1) cannot come. */
function greedy(head: TextDecoderHead, fused: Parameters<typeof attendedTokens>[0]): number[] {
  const ids = [1, 40];
  for (let step = 0; step < 5; step++) {
    const inputIds = tf.tensor2d(ids, [1, ids.length], 'int32');
    const tokens = head.decoder.forward({ inputIds, mask: tf.ones([1, ids.length]) }, fused, inferenceContext());
    const logits = head.decoder.logits(tokens).arraySync()[0].at(-1)!;
    logits[1] = Number.NEGATIVE_INFINITY;
    ids.push(logits.indexOf(Math.max(...logits)));
  }
  return ids.slice(2);
}

it('learns to write about the tokens of one encoder, and keeps its tokenizer when it is saved', async () => {
  await tf.setBackend('cpu');
  const file = fileURLToPath(new URL('../../encoder-text/fixtures/byte-level-bpe.json', import.meta.url));
  const heads = {
    caption: { ...caption, tokenizer: { file }, endTokenId: 1, startTokenId: 0, prefixIds: [0] },
  } as const;
  const { photo } = encoders;
  const model = composeModel(registry, { hiddenSize: 16, encoders: { photo }, fusion: { use: 'none' }, heads });
  const taught = ['dark', 'light'].map((own, index) => ({
    photo: picture(index * 220),
    targets: { caption: own },
  }));
  const batch = uploadBatch(model.collate(await Promise.all(taught.map((own) => model.prepare(own)))));
  const optimizer = tf.train.adam(0.03);
  const variables = [...model.parameters().values()].map((parameter) => parameter.value as tf.Variable);
  const loss = () => meanLoss(model.losses(batch, inferenceContext()).caption);
  const before = loss().arraySync();
  for (let step = 0; step < 30; step++) optimizer.minimize(loss, false, variables);
  expect(before).toBeGreaterThan(4);
  disposeBatch(batch);
  const folder = join(mkdtempSync(join(tmpdir(), 'text-decoder-')), 'model');
  await saveModel(model, folder);
  model.dispose();
  const loaded = await loadModel(registry, folder);
  const answers = await loaded.predict([{ photo: picture(0) }, { photo: picture(220) }]);
  expect(answers).toMatchObject([{ caption: { text: 'dark' } }, { caption: { text: 'light' } }]);
  expect(answers[0].caption).toMatchObject({ finishReason: 'stop' });
  loaded.dispose();
});

it('says which slot it is to look at where a fusion makes no tokens of several', () => {
  const compose = (attendsTo?: string) =>
    composeModel(registry, {
      ...{ hiddenSize: 16, encoders, fusion: { use: 'none' } },
      heads: { caption: { ...caption, ...(attendsTo && { attendsTo }) } },
    });
  expect(() => compose()).toThrow(/heads\.caption.*attendsTo.*photo, note, speech/s);
  expect(() => compose('picture')).toThrow(/"picture"/);
  compose('note').dispose();
});
