import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { registerOnnxBackend } from '@polymodal/backend-onnx';
import { ConfigError, readParameters, StateError } from '@polymodal/core';
import { train } from '@polymodal/trainer';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PictureQuestion } from '../data/picture-question';
import { requireSameTexts } from '../same-texts';
import { writeTinyLanguageModel } from '../testing/tiny-language-model';
import { waysOfLooking, withLanguageModel } from './with-language-model';

registerOnnxBackend();
let folder: string;
beforeAll(async () => {
  await tf.setBackend('onnx');
  folder = await mkdtemp(join(tmpdir(), 'tiny-language-model-'));
  await writeTinyLanguageModel(join(folder, 'tied'));
});
afterAll(() => rm(folder, { recursive: true }));

const plain = (grey: number) =>
  ({ width: 64, height: 64, channels: 3, data: new Uint8Array(64 * 64 * 3).fill(grey) }) as const;
const questions: PictureQuestion[] = [
  { image: plain(20), question: 'is it?', answer: 'no' },
  { image: plain(230), question: 'is it?', answer: 'yes' },
];

const isAdapter = (path: string) => path.includes('.adapter.');

describe.each(waysOfLooking)('%s', (looking) => {
  it('learns about pictures, and without one writes to the bit what the language model does', async () => {
    const vqa = await withLanguageModel(looking, join(folder, 'tied'), 0);
    const { model, frozen, ask, target, answerIn } = vqa;
    const before = await readParameters(model);
    const data = questions.map((one) => ({ ...ask(one, 'both'), targets: { answer: target(one.answer) } }));
    const options = { epochs: 16, batchSize: 2, learningRate: 0.02, freeze: frozen, progress: false };
    const { epochs } = await train(model, { data, ...options });
    expect(epochs.at(-1)!.loss).toBeLessThan(0.8 * epochs[0].loss);
    const answers = await model.predict(questions.map((one) => ask(one, 'both')));
    expect(answers.map(answerIn).every((answer) => answer === answer.trim() && answer.length <= 4)).toBe(true);
    expect(await requireSameTexts(model, join(folder, 'tied'))).toContain('equal to the bit');

    const after = await readParameters(model);
    const changed = [...after]
      .filter(([path, { data: values }]) => values.some((v, i) => v !== before.get(path)!.data[i]))
      .map(([path]) => path);
    const [adapted, own] = [changed.filter(isAdapter), changed.filter((path) => !isAdapter(path))];
    expect(own.some((path) => path.startsWith('encoders.text'))).toBe(false);
    expect(own.some((path) => path.startsWith('encoders.image'))).toBe(true);
    expect(adapted.length > 0).toBe(looking === 'hybrid-lora');
    model.dispose();
  });
});

it('notices a language model of which one number is another', async () => {
  const { model } = await withLanguageModel('hybrid', join(folder, 'tied'), 0);
  const norm = model.parameters().get('encoders.text.norm.weight')!;
  norm.adoptValues(
    Float32Array.from((await norm.viewValues()) as Float32Array, (value, index) => (index === 0 ? 1.0001 : value)),
  );
  await expect(requireSameTexts(model, join(folder, 'tied'))).rejects.toThrow(StateError);
  model.dispose();
});

it('refuses a language model whose head has weights of its own', async () => {
  const untied = join(folder, 'untied');
  await writeTinyLanguageModel(untied, { tie_word_embeddings: false });
  await expect(withLanguageModel('hybrid', untied, 0)).rejects.toThrow(ConfigError);
});
