import { registerOnnxBackend } from '@polymodal/backend-onnx';
import { composeModel, createRegistry, inferenceContext, uploadBatch } from '@polymodal/core';
import { text } from '@polymodal/encoder-text';
import { fusion } from '@polymodal/fusion';
import { headText } from '@polymodal/head-text';
import { train } from '@polymodal/trainer';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { batchOf, forward } from '../testing/language-models';

registerOnnxBackend();
beforeAll(async () => {
  await tf.setBackend('onnx');
});

const written = (learns: 'target' | 'sequence') =>
  composeModel(createRegistry([text, fusion, headText]), {
    hiddenSize: 16,
    encoders: {
      text: {
        ...{ use: 'transformer', causal: true, numHiddenLayers: 1, numAttentionHeads: 2, maxLength: 32 },
        ...{ hiddenDropout: 0, attentionDropout: 0 }, // what is learned in forty steps does not depend on what is drawn
      },
    },
    fusion: { use: 'decoder' },
    heads: { text: { use: 'language-model', learns, generation: { maxNewTokens: 6 } } },
  });

it('a prompt in bytes goes on behind its last byte, not behind the token that ends finished texts', async () => {
  const model = written('target');
  const prompts = ['ab', 'hello'];
  const answers = await model.predict(
    prompts.map((own) => ({ text: own })),
    { heads: { text: { eosTokenId: [], maxNewTokens: 3 } } },
  );
  for (const [index, prompt] of prompts.entries()) {
    const ids = [2, ...Buffer.from(prompt).map((byte) => byte + 3)]; // a start token, and byte b is b + 3
    for (const id of answers[index]!.text.ids) {
      const logits = tf.tidy(() => forward(model, batchOf([ids])).dataSync()).slice(-259);
      expect(id).toBe(logits.indexOf(Math.max(...logits)));
      ids.push(id);
    }
  }
  model.dispose();
});

it('what was learned as a sequence is continued from its beginning, to its end', async () => {
  const model = written('sequence');
  await train(model, { data: [{ text: 'abcde' }], epochs: 40, batchSize: 1, learningRate: 0.02 });
  const [{ text: answer }] = await model.predict([{ text: 'ab' }]);
  expect(answer).toMatchObject({ text: 'cde', finishReason: 'stop' });
  model.dispose();
});

it('a target is learned where it will be written: behind the last byte', async () => {
  const model = written('target');
  const prepared = [await model.prepare({ text: 'ab', targets: { text: 'no' } })];
  const ids = [2, 100, 101, 113, 114, 1]; // a start token, the bytes of both, and the end
  const { ours, theirs } = tf.tidy(() => {
    const losses = model.losses(uploadBatch(model.collate(prepared)), inferenceContext());
    const logProbabilities = tf.logSoftmax(forward(model, batchOf([ids.slice(0, -1)]))).dataSync();
    const guessed = [3, 4, 5].map((place) => -logProbabilities[(place - 1) * 259 + ids[place]!]!);
    return { ours: losses.text!.tokens!.sum.dataSync()[0]!, theirs: guessed.reduce((sum, one) => sum + one, 0) };
  });
  expect(ours).toBeCloseTo(theirs, 4);
  model.dispose();
});

it('a stream whose model is disposed of midway ends with an error, and leaves no tensor behind', async () => {
  const before = tf.memory().numTensors;
  const model = written('target');
  const stream = model.stream({ text: 'ab' }, 'text', { eosTokenId: [] });
  await stream.next();
  model.dispose();
  await expect(stream.next()).rejects.toThrow('that was disposed');
  expect(tf.memory().numTensors).toBe(before);
});
