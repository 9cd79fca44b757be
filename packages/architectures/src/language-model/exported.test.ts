import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInferenceWorker, exportOnnx, type InferenceWorker, registerOnnxBackend } from '@polymodal/backend-onnx';
import {
  ConfigError,
  composeModel,
  createRegistry,
  type ModelSignature,
  type PreparedSample,
  RandomKey,
} from '@polymodal/core';
import { text } from '@polymodal/encoder-text';
import { vision } from '@polymodal/encoder-vision';
import { fusion } from '@polymodal/fusion';
import { headText } from '@polymodal/head-text';
import { loadPretrained } from '@polymodal/hub';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { languageModels } from '../language-models';
import { casesOf, folderOf, logitsOf } from '../testing/language-models';

registerOnnxBackend();
const folder = mkdtempSync(join(tmpdir(), 'exported-language-model-'));
beforeAll(async () => {
  await tf.setBackend('onnx');
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A tiny language model whose words are the decimals of its ids. */
async function loadWithWords(name: string) {
  const own = join(folder, name);
  cpSync(folderOf(name), own, { recursive: true });
  const vocab = Object.fromEntries(Array.from({ length: 61 }, (_, id) => [String(id), id]));
  const tokenizer = {
    model: { type: 'WordLevel', vocab, unk_token: '0' },
    pre_tokenizer: { type: 'WhitespaceSplit' },
    decoder: null,
    normalizer: null,
    post_processor: null,
    added_tokens: [],
  };
  writeFileSync(join(own, 'tokenizer.json'), JSON.stringify(tokenizer));
  writeFileSync(join(own, 'tokenizer_config.json'), JSON.stringify({ tokenizer_class: 'PreTrainedTokenizerFast' }));
  return loadPretrained(languageModels, own);
}

/** The logits after the last token of each row, as ONNX Runtime computes them from the file, and those after each. */
async function logitsFrom(worker: InferenceWorker, inputs: tf.NamedTensorMap, head: string) {
  const feeds = Object.entries(inputs).map(([name, tensor]) => {
    return [name, { data: tensor.dataSync() as Float32Array | Int32Array, shape: tensor.shape }] as const;
  });
  const outputs = await worker.run(Object.fromEntries(feeds));
  const { data, shape } = outputs[`${head}/logits`];
  const [rows, length, vocabSize] = shape;
  const present = outputs[`${head}/present`].data as Float32Array;
  const last = Array.from({ length: rows }, (_, row) => {
    const place = row * length + present.subarray(row * length, (row + 1) * length).lastIndexOf(1);
    return (data as Float32Array).slice(place * vocabSize, (place + 1) * vocabSize);
  });
  return { each: data as Float32Array, last };
}

const best = (logits: Float32Array) => logits.indexOf(Math.max(...logits));
const apart = (ours: Float32Array, theirs: ArrayLike<number>) =>
  ours.reduce((most, value, id) => Math.max(most, Math.abs(value - theirs[id])), 0);

/** The model as a file that ONNX Runtime runs, traced at the lengths of an example. */
async function exported({ run, inputs, dynamicAxes }: ModelSignature, example: readonly PreparedSample[]) {
  const path = join(folder, `${Math.random()}.onnx`);
  const traced = inputs(example);
  await exportOnnx(run, traced, { path, dynamicAxes });
  tf.dispose(traced);
  return createInferenceWorker(path);
}

describe('a language model as a file', () => {
  it.each(['gpt2', 'llama'])(
    'gives the logits of Python, from which its texts are continued by hand as generate does: %s',
    async (name) => {
      const { model } = await loadWithWords(name);
      const { prompts, logits, continuations } = casesOf(name).find((own) => own.logits && !own.scores)!;
      const prepare = (rows: readonly (readonly number[])[]) =>
        Promise.all(rows.map((ids) => model.prepare({ text: ids.join(' ') })));
      const signature = await model.signature({ text: '1 2 3' });
      const worker = await exported(signature, await prepare([[4, 5, 6, 7]]));
      const texts = prompts.map((ids) => [...ids]);
      for (const [step, theirs] of logits!.entries()) {
        const inputs = signature.inputs(await prepare(texts));
        const { each, last } = await logitsFrom(worker, inputs, 'text');
        const ours = signature.run(inputs);
        expect(apart(each, ours['text/logits'].dataSync() as Float32Array)).toBeLessThan(1e-4);
        for (const [row, own] of last.entries()) expect(apart(own, logitsOf(theirs[row]))).toBeLessThan(1e-4);
        texts.forEach((ids, row) => ids.push(continuations[row][step]));
        tf.dispose([inputs, ours]);
      }
      await worker.close();
      model.dispose();
    },
  );
});

describe('a language model with spliced pictures as a file', () => {
  const grey = (level: number) => ({
    ...{ width: 8, height: 8, channels: 3 as const },
    data: new Uint8Array(192).map((_, i) => (level * i) % 256),
  });
  const model = composeModel(createRegistry([text, vision, fusion, headText]), {
    hiddenSize: 24,
    encoders: {
      question: { use: 'transformer', causal: true, numHiddenLayers: 2, numAttentionHeads: 2, maxLength: 64 },
      photo: {
        ...{ use: 'vit', imageSize: 8, patchSize: 4, numHiddenLayers: 1, numAttentionHeads: 2 },
        several: { most: 2 }, // fewer than the sizes that are traced
      },
    },
    fusion: { use: 'decoder', projector: 'linear' },
    heads: { answer: { use: 'language-model', tied: false } },
  });

  beforeAll(() => {
    const order = model.parameters().get('encoders.photo.order')!; // 0 as long as nothing has been learned
    order.assignValues(RandomKey.from(3).normal(order.size));
  });

  it.each([
    ['in front of the words', { question: 'what is this?', photo: grey(3) }],
    ['among the words', { question: [{ question: 'what is ' }, { photo: grey(5) }, { question: '?' }] }],
    ['two of them', { question: [{ photo: grey(5) }, { question: 'or' }, { photo: grey(7) }, { question: '?' }] }],
  ])('is continued from its logits as it continues itself: %s', async (_, sample) => {
    const maxNewTokens = 3;
    const [{ answer }] = await model.predict([sample], {
      heads: { answer: { maxNewTokens, eosTokenId: [], doSample: false } },
    });
    const signature = await model.signature(sample);
    const prepared = await model.prepare(sample);
    const worker = await exported(signature, [prepared]);
    const length = prepared.features.question.inputIds.data.length - 1; // the last one closes the text
    const inputs = Object.entries(signature.inputs([prepared]));
    const features = Object.fromEntries(
      inputs.map(([name, tensor]) => [
        name,
        name.startsWith('question/') ? tf.slice(tensor, [0, 0], [1, length]) : tensor,
      ]),
    );
    const written: number[] = [];
    for (let step = 0; step < maxNewTokens; step++) {
      const { each, last } = await logitsFrom(worker, features, 'answer');
      expect(apart(each, signature.run(features)['answer/logits'].dataSync() as Float32Array)).toBeLessThan(1e-4);
      written.push(best(last[0]));
      const next: Record<string, number> = { inputIds: written[step], mask: 1, placeSlot: -1, placeValue: -1 };
      for (const [name, tensor] of Object.entries(features)) {
        const value = name.startsWith('question/') ? next[name.split('/')[1]] : undefined;
        if (value !== undefined)
          features[name] = tf.concat([tensor, tf.fill([1, 1], value, tensor.dtype as 'int32')], 1);
      }
    }
    expect(written).toEqual([...answer.ids]);
    await worker.close();
  });

  it('says that answers take further steps', async () => {
    const signature = await model.signature({ question: 'what?' });
    const outputs = signature.run(signature.inputs([await model.prepare({ question: 'what?' })]));
    await expect(signature.answers(outputs)).rejects.toThrow(ConfigError);
  });
});
