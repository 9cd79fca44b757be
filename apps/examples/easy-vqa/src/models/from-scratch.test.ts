import { registerOnnxBackend } from '@polymodal/backend-onnx';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import type { PictureQuestion } from '../data/picture-question';
import { methodsFromScratch } from '../methods';
import { fromScratch } from './from-scratch';
import type { Shown } from './vqa-model';

registerOnnxBackend();
beforeAll(async () => {
  await tf.setBackend('onnx');
});

const image = { width: 64, height: 64, channels: 3, data: new Uint8Array(64 * 64 * 3).fill(90) } as const;
const one: PictureQuestion = { image, question: 'what shape is it?', answer: 'circle' };
const shown: readonly Shown[] = ['both', 'picture', 'question'];

it.each(methodsFromScratch)(
  '%s answers with an answer of the set, also to the question or about the picture alone',
  async (method) => {
    const answers = ['circle', 'yes', 'no'];
    const { model, frozen, ask, target, answerIn } = fromScratch(method, answers, 0);
    const given = await model.predict(
      shown.map((parts) => ask(one, parts)),
      { compile: false },
    );
    for (const prediction of given) expect(answers).toContain(answerIn(prediction));
    expect([frozen, target('yes')]).toEqual([[], 'yes']);
    model.dispose();
  },
);
