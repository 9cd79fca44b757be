// A contender: a pretrained encoder of mails, tuned in one way, from the beginning whenever it is told to.

import { adapters } from '@polymodal/adapters';
import { registerOnnxBackend } from '@polymodal/backend-onnx';
import { createRegistry, type Model, type Sample } from '@polymodal/core';
import { text } from '@polymodal/encoder-text';
import { pretrainedText } from '@polymodal/encoder-text/pretrained';
import { fusion } from '@polymodal/fusion';
import { heads } from '@polymodal/heads';
import { composePretrained } from '@polymodal/hub';
import { evaluate, train } from '@polymodal/trainer';
import * as tf from '@tensorflow/tfjs-core';
import { readMails } from '../finetune-mixed/mails';
import { serve } from '../serve';
import { ways } from './ways';

const [from, name, trainingMails, heldOutMails] = process.argv.slice(2) as [string, string, string, string];
const { adapters: entries = [], options } = ways[name]!;

registerOnnxBackend();

/** What came of a way of tuning. */
export interface TuningResult {
  readonly right: number;
  readonly asked: number;
  readonly seconds: number;
  readonly learned: number;
}

await serve(async () => {
  await tf.setBackend('onnx');
  const mails = readMails(Number(trainingMails) + Number(heldOutMails));
  const samples = mails.map(
    ({ subject, body, spam }): Sample => ({
      mail: `${subject}\n${body}`,
      targets: { kind: spam ? 'spam' : 'ham' },
    }),
  );
  const [data, test] = [samples.slice(0, Number(trainingMails)), samples.slice(Number(trainingMails))];
  return async (): Promise<TuningResult> => {
    const registry = createRegistry([text, pretrainedText, fusion, heads, adapters]);
    const model = (await composePretrained(registry, {
      hiddenSize: 384,
      encoders: { mail: { use: 'pretrained-text', from, maxLength: 128, hiddenDropout: 0, attentionDropout: 0 } },
      fusion: { use: 'mean', numHiddenLayers: 1 },
      heads: { kind: { use: 'classification', labels: ['ham', 'spam'] } },
      adapters: entries,
    } as never)) as Model;
    const { seconds } = await train(model, { ...options, data, epochs: 2, batchSize: 16, progress: false });
    const { kind } = await evaluate(model, test, { progress: false });
    const learned = [...model.parameters()].filter(([path, { trainable }]) => trainable && path.startsWith('encoders'));
    const result = {
      right: Math.round(kind!.metrics.accuracy! * test.length),
      asked: test.length,
      seconds,
      learned: name === 'head' ? 0 : learned.reduce((sum, [, { size }]) => sum + size, 0),
    };
    model.dispose();
    return result;
  };
});
