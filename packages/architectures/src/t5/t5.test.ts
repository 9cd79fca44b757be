import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { registerOnnxBackend } from '@polymodal/backend-onnx';
import { type Batch, disposeBatch, inferenceContext, type Model, meanLoss, uploadBatch } from '@polymodal/core';
import { loadModel, saveModel } from '@polymodal/core/node';
import { textFamilies } from '@polymodal/encoder-text/pretrained';
import type { TextDecoderHead } from '@polymodal/head-text';
import { loadPretrained, openCheckpoint, pretrainedWhole, savePretrained } from '@polymodal/hub';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, describe, expect, it } from 'vitest';
import { encoderDecoderRegistry, encoderDecoders } from '../encoder-decoders';

registerOnnxBackend();

const directory = mkdtempSync(join(tmpdir(), 'polymodal-t5-'));
afterAll(() => rmSync(directory, { recursive: true }));

/** What tools/parity/t5.py had Python compute of texts that are padded at one end. */
interface Case {
  readonly ids: number[][];
  readonly mask: number[][];
  readonly labels: number[][];
  readonly loss: number;
  readonly encoded: number[][][];
  readonly written: number[][];
  readonly answers: string[];
}

const targets = ['das Haus', 'a cube', 'two balls in the grass.'];
const asked = { heads: { text: { maxNewTokens: 14 } } };

describe.each(['relu-tied', 'gated-untied'])('T5, %s', (name) => {
  const folder = fileURLToPath(new URL(`../../fixtures/t5/${name}`, import.meta.url));
  const { texts, cases } = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8')) as {
    readonly texts: string[];
    readonly cases: [right: Case, left: Case];
  };
  const load = async (backend: string) => {
    await tf.setBackend(backend);
    return (await loadPretrained(encoderDecoders, folder)).model;
  };

  /** The texts with their targets, padded as Python was given them. */
  async function batchOf(model: Model, { ids, mask }: Case): Promise<Batch> {
    const samples = texts.map((text, index) => ({ text, targets: { text: targets[index] } }));
    const prepared = await Promise.all(samples.map((sample) => model.prepare(sample)));
    prepared.forEach(({ features, targets: own }, row) => {
      expect([...features.text.inputIds.data]).toEqual(cases[0].ids[row].filter((_, at) => cases[0].mask[row][at]));
      expect([...own.text.ids.data]).toEqual(cases[0].labels[row]);
    });
    const batch = uploadBatch(model.collate(prepared));
    const features = { inputIds: tf.tensor2d(ids, undefined, 'int32'), mask: tf.tensor2d(mask) };
    return { ...batch, modalities: { text: { ...batch.modalities.text, features } } };
  }

  it.each(['cpu', 'onnx'])('computes and learns as Python, whichever end is padded, on %s', async (backend) => {
    const model = await load(backend);
    let grads: tf.NamedTensorMap = {};
    for (const own of cases) {
      const batch = await batchOf(model, own);
      const encoded = tf.tidy(() => {
        const { tokens, mask } = model.encoders.text.encode(batch.modalities.text, inferenceContext());
        return tf.mul(tokens, tf.expandDims(mask, 2));
      });
      expect(largest(await encoded.data(), own.encoded.flat(2))).toBeLessThan(1e-4);
      const variables = [...model.parameters().values()].map(({ value }) => value as tf.Variable);
      const computed = tf.variableGrads(() => meanLoss(model.losses(batch, inferenceContext()).text), variables);
      expect((await computed.value.data())[0]).toBeCloseTo(own.loss, 4);
      grads = computed.grads;
      disposeBatch(batch);
    }
    for (const parameter of model.parameters().values()) {
      parameter.assignValues(Float32Array.from(await grads[parameter.value.name].data()));
    }
    const saved = join(directory, `${name}-${backend}-gradients`);
    await savePretrained(pretrainedWhole(encoderDecoders, model), saved);
    const [ours, python] = [await openCheckpoint(saved), await openCheckpoint(join(folder, 'gradients.safetensors'))];
    expect([...ours.names].sort()).toEqual([...python.names].sort());
    for (const own of python.names) {
      const [mine, theirs] = [(await ours.read(own)).data, (await python.read(own)).data];
      expect([own, largest(mine, theirs) < 1e-3]).toEqual([own, true]);
    }
    await ours.close();
    await python.close();
    model.dispose();
  });

  it('writes what Python writes, token for token, with its tokenizer and of either padding', async () => {
    const model = await load('onnx');
    const [right, left] = cases;
    const answers = (await model.predict(
      texts.map((text) => ({ text })),
      asked,
    )) as unknown as { readonly text: { readonly ids: number[]; readonly text: string } }[];
    expect(answers.map(({ text }) => [...text.ids])).toEqual(right.written);
    expect(answers.map(({ text }) => text.text)).toEqual(right.answers);
    const batch = await batchOf(model, left);
    const { fused } = model.forward(batch, inferenceContext(), []);
    const head = model.heads.text as TextDecoderHead;
    const options = head.predictOptions.parse({ maxNewTokens: 14 });
    const writing = head.produce({ fused, parent: undefined } as never, inferenceContext(), options);
    let step = await writing.next();
    while (!step.done) step = await writing.next();
    const written = await step.value.ids!.array();
    expect(written.map(([row]) => row.filter((id) => id >= 0))).toEqual(left.written);
    disposeBatch(batch);
    model.dispose();
  });

  it('goes back to the same checkpoint, also after saving and loading; its encoder is one by itself', async () => {
    const model = await load('cpu');
    const [kept, back] = ['kept', 'back'].map((own) => join(directory, `${name}-${own}`));
    await saveModel(model, kept);
    const again = await loadModel(encoderDecoderRegistry, kept);
    await savePretrained(pretrainedWhole(encoderDecoders, again), back);
    const [before, after] = [await openCheckpoint(folder), await openCheckpoint(back)];
    expect([...after.names].sort()).toEqual([...before.names].sort());
    for (const own of before.names) expect(await after.read(own)).toEqual(await before.read(own));
    await before.close();
    await after.close();
    const { model: encoder } = await loadPretrained(textFamilies, folder);
    expect(encoder.parameters().size).toBe(model.encoders.text.parameters().size);
    for (const own of [encoder, again, model]) own.dispose();
  });
});

function largest(values: ArrayLike<number>, expected: ArrayLike<number>): number {
  expect(values.length).toBe(expected.length);
  return Array.from(values).reduce((most, value, index) => Math.max(most, Math.abs(value - expected[index])), 0);
}
