// A contender: a frozen language model that learns to look with `train`, one pass over the questions whenever it is told to.
import { join } from 'node:path';
import { registerOnnxBackend } from '@polymodal/backend-onnx';
import { inferenceContext, type Model, meanLoss, type Sample, uploadBatch } from '@polymodal/core';
import { type VqaModel, withLanguageModel } from '@polymodal/example-easy-vqa';
import { type TensorToSave, writeSafetensorsFile } from '@polymodal/hub';
import { train } from '@polymodal/trainer';
import * as tf from '@tensorflow/tfjs-core';
import { serve } from '../serve';
import type { EpochResult } from './epoch-result';
import { type BenchQuestion, readWorkload, weightsFile } from './workload';

const folder = process.argv[2]!;
const { looking, model: from, questions, batchSize, learningRate, epochs } = readWorkload(folder);
const backend = registerOnnxBackend();

await serve(async () => {
  await tf.setBackend('onnx');
  const vqa = await withLanguageModel(looking, from, 0);
  const { model, frozen } = vqa;
  const data = questions.map((one) => sampleOf(vqa, one));
  await writeNewWeights(vqa);
  const firstLoss = await lossOf(model, data.slice(0, batchSize));
  let report: (epoch: EpochResult) => void;
  let goOn: (() => void) | undefined;

  async function learn(): Promise<never> {
    let start = now();
    await train(model, {
      ...{ data, epochs, batchSize, learningRate, freeze: frozen, schedule: 'constant', progress: false },
      async onEpoch() {
        const end = now();
        report({
          seconds: end.seconds - start.seconds,
          cpuSeconds: end.cpuSeconds - start.cpuSeconds,
          compileSeconds: end.compileSeconds - start.compileSeconds,
          firstLoss,
        });
        await new Promise<void>((resolve) => {
          goOn = resolve;
        });
        start = now();
      },
    });
    throw new RangeError(`There are no more than ${epochs} passes.`);
  }

  return () =>
    new Promise<EpochResult>((resolve, reject) => {
      report = resolve;
      if (goOn === undefined) learn().catch(reject);
      else goOn();
    });
});

/** Seconds so far: of the clock, of all threads, and those in which programs were compiled. */
function now() {
  const { user, system } = process.cpuUsage();
  return {
    seconds: performance.now() / 1000,
    cpuSeconds: (user + system) / 1e6,
    compileSeconds: backend.statistics().compileSeconds,
  };
}

function sampleOf({ ask, target }: VqaModel, { pixels, question, answer }: BenchQuestion): Sample {
  const data = new Uint8Array(Buffer.from(pixels, 'base64'));
  const image = { width: 64, height: 64, channels: 3, data } as const;
  return { ...ask({ image, question, answer }, 'both'), targets: { answer: target(answer) } };
}

async function writeNewWeights({ model, frozen }: VqaModel): Promise<void> {
  const isNew = ([path]: readonly [string, unknown]) => !frozen.some((part) => path.startsWith(part));
  const learning = [...model.parameters()].filter(isNew);
  const tensors = new Map<string, TensorToSave>();
  for (const [path, parameter] of learning) {
    tensors.set(path, { shape: parameter.shape, data: Float32Array.from(await parameter.viewValues()) });
  }
  await writeSafetensorsFile(join(folder, weightsFile), tensors);
}

async function lossOf(model: Model, samples: readonly Sample[]): Promise<number> {
  const batch = model.collate(await Promise.all(samples.map((sample) => model.prepare(sample))));
  const loss = tf.tidy(() => meanLoss(model.losses(uploadBatch(batch), inferenceContext(), ['answer']).answer!));
  const [value] = await loss.data();
  loss.dispose();
  return value!;
}
