// A contender: two pretrained towers tuned with `train`, one epoch whenever it is told to.
import { registerOnnxBackend } from '@polymodal/backend-onnx';
import { createRegistry, type Sample } from '@polymodal/core';
import { text } from '@polymodal/encoder-text';
import { pretrainedText } from '@polymodal/encoder-text/pretrained';
import { fusion } from '@polymodal/fusion';
import { heads } from '@polymodal/heads';
import { composePretrained } from '@polymodal/hub';
import { evaluate, train } from '@polymodal/trainer';
import * as tf from '@tensorflow/tfjs-core';
import { serve } from '../serve';
import type { EpochResult } from './epoch-result';
import type { Mail } from './mails';
import { readWorkload } from './workload';

const { config, model: from, training, heldOut } = readWorkload(process.argv[2]!);

const backend = registerOnnxBackend();

await serve(async () => {
  await tf.setBackend('onnx');
  const tower = { use: 'pretrained-text', from, maxLength: config.maxLength } as const;
  const model = await composePretrained(createRegistry([text, pretrainedText, fusion, heads]), {
    hiddenSize: 384,
    encoders: { subject: tower, body: tower },
    fusion: { use: 'concat' },
    heads: { kind: { use: 'classification', labels: ['ham', 'spam'] } },
  });
  const test = heldOut.map(sampleOf);
  let report: (epoch: Promise<EpochResult>) => void;
  let goOn: (() => void) | undefined;

  async function tune(): Promise<never> {
    let [start, compiled] = now();
    await train(model, {
      data: training.map(sampleOf),
      epochs: config.epochs,
      batchSize: config.batchSize,
      modalityDropout: config.modalityDropout,
      learningRate: config.newRate,
      parameterGroups: [{ match: 'encoders', learningRate: config.towerRate }],
      progress: false,
      async onEpoch() {
        const [end, compiledByNow] = now();
        report(measured({ seconds: end - start, compileSeconds: compiledByNow - compiled }));
        await new Promise<void>((resolve) => {
          goOn = resolve;
        });
        [start, compiled] = now();
      },
    });
    throw new RangeError(`There are no more than ${config.epochs} epochs.`);
  }

  async function measured(times: Omit<EpochResult, 'accuracy'>): Promise<EpochResult> {
    const { kind } = await evaluate(model, test, { progress: false });
    return { ...times, accuracy: kind!.metrics.accuracy! };
  }

  return () =>
    new Promise<EpochResult>((resolve, reject) => {
      report = resolve;
      if (goOn === undefined) tune().catch(reject);
      else goOn();
    });
});

/** Seconds, and those of them that were spent compiling. */
function now(): [seconds: number, compileSeconds: number] {
  return [performance.now() / 1000, backend.statistics().compileSeconds];
}

function sampleOf({ subject, body, spam }: Mail): Sample {
  return { subject, body, targets: { kind: spam ? 'spam' : 'ham' } };
}
