// A contender: a model of three towers learns from a stream with `train`, one pass whenever it is told to. Before, it writes the initial
// weights and the gradients of the first samples, with which others begin and are compared.
import { join } from 'node:path';
import { registerOnnxBackend } from '@polymodal/backend-onnx';
import { composeModel, createRegistry, type Model, RandomKey, type Sample, uploadBatch } from '@polymodal/core';
import { fusion } from '@polymodal/fusion';
import { heads } from '@polymodal/heads';
import { type TensorToSave, writeSafetensorsFile } from '@polymodal/hub';
import { assignGroups, lossGradients, train } from '@polymodal/trainer';
import * as tf from '@tensorflow/tfjs-core';
import { serve } from '../serve';
import { learning, modalities, sizes } from './configs';
import type { PassResult } from './pass-result';
import { sequences } from './sequence-tower';
import { comparedSamples, gradientsFile, readStream, weightsFile } from './workload';

const [folder, passes] = [process.argv[2]!, Number(process.argv[3])];
const backend = registerOnnxBackend();

await serve(async () => {
  await tf.setBackend('onnx');
  const model = towers();
  const data = readStream(folder);
  await writeWeights(model);
  await writeGradients(model, data.slice(0, comparedSamples));
  let report: (pass: PassResult) => void;
  let goOn: (() => void) | undefined;

  async function learn(): Promise<never> {
    let start = now();
    await train(model, {
      data,
      epochs: passes + 1,
      batchSize: { tokens: learning.tokens },
      learningRate: learning.learningRate,
      schedule: 'constant',
      progress: false,
      async onEpoch({ tokens: { taken, computed } }) {
        const end = now();
        report({
          samples: data.length,
          seconds: end.seconds - start.seconds,
          cpuSeconds: end.cpuSeconds - start.cpuSeconds,
          compileSeconds: end.compileSeconds - start.compileSeconds,
          programs: end.programs - start.programs,
          padding: 1 - taken / computed,
          gradientDifference: 0,
        });
        await new Promise<void>((resolve) => {
          goOn = resolve;
        });
        start = now();
      },
    });
    throw new RangeError(`There are no more than ${passes} passes.`);
  }

  return () =>
    new Promise<PassResult>((resolve, reject) => {
      report = resolve;
      if (goOn === undefined) learn().catch(reject);
      else goOn();
    });
});

function towers(): Model {
  return composeModel(createRegistry([sequences, fusion, heads]), {
    hiddenSize: sizes.hiddenSize,
    encoders: {
      text: { use: 'words', ...modalities.text },
      image: { use: 'numbers', ...modalities.image },
      audio: { use: 'numbers', ...modalities.audio },
    },
    fusion: { use: 'concat', numHiddenLayers: 1, hiddenDropout: 0 },
    heads: { label: { use: 'classification', labels: sizes.classes } },
  }) as unknown as Model;
}

/** So far: seconds of the clock, of all threads, and of compiling, and how many programs that made. */
function now() {
  const { user, system } = process.cpuUsage();
  const { compileSeconds, compilations } = backend.statistics();
  return {
    seconds: performance.now() / 1000,
    cpuSeconds: (user + system) / 1e6,
    compileSeconds,
    programs: compilations,
  };
}

async function writeWeights(model: Model): Promise<void> {
  const tensors = new Map<string, TensorToSave>();
  for (const [path, parameter] of model.parameters()) {
    tensors.set(path, { shape: parameter.shape, data: Float32Array.from(await parameter.viewValues()) });
  }
  await writeSafetensorsFile(join(folder, weightsFile), tensors);
}

/** Of the mean loss of some samples in one batch, whatever each of them lacks. */
async function writeGradients(model: Model, samples: readonly Sample[]): Promise<void> {
  const host = model.collate(await Promise.all(samples.map((sample) => model.prepare(sample))));
  const parameters = assignGroups(model, [], { learningRate: 1, weightDecay: 0 });
  const gradients = tf.tidy(
    () => lossGradients(model, parameters, uploadBatch(host), { key: RandomKey.from(0), layersApart: true })!.gradients,
  );
  const tensors = new Map<string, TensorToSave>();
  for (const [path, gradient] of Object.entries(gradients)) {
    tensors.set(path, { shape: gradient.shape, data: (await gradient.data()) as Float32Array });
  }
  tf.dispose(gradients);
  await writeSafetensorsFile(join(folder, gradientsFile), tensors);
}
