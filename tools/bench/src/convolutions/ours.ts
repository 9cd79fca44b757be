// A contender: the work on ONNX Runtime, with the folder of the workload as argument.

import { compile, registerOnnxBackend } from '@polymodal/backend-onnx';
import { inferenceContext, type Module, RandomKey, uploadBatch, writeParameters } from '@polymodal/core';
import { AdamW, assignGroups, lossGradients } from '@polymodal/trainer';
import * as tf from '@tensorflow/tfjs-core';
import { serve } from '../serve';
import { film } from './configs';
import { filmModel } from './film-model';
import type { WorkResult } from './work-result';
import { type ConvolutionsWorkload, encoderOf, readWorkload } from './workload';

type Work = () => Promise<{ value: number; norm: number }>;

const workload = readWorkload(process.argv[2]!);

await serve(async () => {
  registerOnnxBackend();
  await tf.setBackend('onnx');
  const work = await { forward, gradients, 'film-step': filmStep }[workload.config.work](workload);
  return async (times): Promise<WorkResult> => {
    const result: WorkResult = { ms: [], cpuMs: [], values: [], norms: [] };
    for (let i = 0; i < times; i++) {
      const [start, cpu] = [performance.now(), process.cpuUsage()];
      const { value, norm } = await work();
      const { user, system } = process.cpuUsage(cpu);
      result.ms.push(performance.now() - start);
      result.cpuMs.push((user + system) / 1000);
      result.values.push(value);
      result.norms.push(norm);
    }
    return result;
  };
});

function forward(workload: ConvolutionsWorkload): Work {
  const { weightedMean, pictures } = encoding(workload);
  const run = compile(({ pixels }: { pixels: tf.Tensor }) => weightedMean(pixels as tf.Tensor4D));
  return async () => {
    const pixels = pictures();
    const mean = run({ pixels });
    const [value] = mean.dataSync();
    tf.dispose([pixels, mean]);
    return { value: value!, norm: 0 };
  };
}

function gradients(workload: ConvolutionsWorkload): Work {
  const { encoder, weightedMean, pictures } = encoding(workload);
  const variables = [...encoder.parameters().values()].map((parameter) => parameter.value as tf.Variable);
  return async () => {
    const figures = tf.tidy(() => {
      const { value, grads } = tf.variableGrads(() => weightedMean(pictures()), variables);
      return tf.stack([value, normOf(Object.values(grads))]);
    });
    const [value, norm] = figures.dataSync();
    figures.dispose();
    return { value: value!, norm: norm! };
  };
}

function encoding({ config, weights, pixels, factors }: ConvolutionsWorkload) {
  const encoder = encoderOf(config);
  writeParameters(encoder, weights, 'the weights');
  const rows = Int32Array.from({ length: config.pictures }, (_, row) => row);
  const factor = tf.tensor(factors.data, [...factors.shape]);
  return {
    encoder: encoder as Module,
    pictures: () => tf.tensor4d(pixels.data, pixels.shape as tf.Tensor4D['shape']),
    weightedMean: (pixelValues: tf.Tensor4D): tf.Scalar => {
      const { tokens } = encoder.encode({ rows, features: { pixelValues } }, inferenceContext());
      return tf.mean(tf.mul(tokens, factor));
    },
  };
}

function normOf(gradients: readonly tf.Tensor[]): tf.Scalar {
  return tf.sqrt(tf.addN(gradients.map((gradient) => tf.sum<tf.Scalar>(tf.square(gradient)))));
}

/** As `train` takes it, over one batch. */
async function filmStep({ config, weights, pixels, questions }: ConvolutionsWorkload): Promise<Work> {
  const model = filmModel(config);
  writeParameters(model, weights, 'the weights');
  const parameters = assignGroups(model, [], { learningRate: film.learningRate, weightDecay: 0 });
  const optimizer = new AdamW(parameters, { betas: [0.9, 0.999], epsilon: 1e-8 });
  const [height, width] = config.encoder.imageSize;
  const size = pixels.data.length / config.pictures;
  const samples = questions.map(({ picture, text, answer }) => {
    const data = pixels.data.subarray(picture * size, (picture + 1) * size) as Float32Array;
    return { image: { data, width, height, channels: 3 } as const, text, targets: { answer } };
  });
  const host = model.collate(await Promise.all(samples.map((sample) => model.prepare(sample))));
  return async () => {
    const figures = tf.tidy(() => {
      const made = lossGradients(model, parameters, uploadBatch(host), { key: RandomKey.from(0) })!;
      const norm = optimizer.update(made.gradients, { learningRate: (full) => full, clipGradientNorm: 1 });
      return tf.stack([made.loss, norm]);
    });
    const [value, norm] = await figures.data();
    figures.dispose();
    return { value: value!, norm: norm! };
  };
}
