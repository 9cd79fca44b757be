// A contender: two towers and what joins them, tuned with `train`, one epoch whenever it is told to.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { adapters } from '@polymodal/adapters';
import { registerOnnxBackend } from '@polymodal/backend-onnx';
import {
  createRegistry,
  EncoderProgram,
  encodedRows,
  encodeSafetensors,
  type HostBatch,
  inferenceContext,
  type Model,
  readParameters,
  type Sample,
  uploadBatch,
} from '@polymodal/core';
import { text } from '@polymodal/encoder-text';
import { pretrainedText } from '@polymodal/encoder-text/pretrained';
import { vision } from '@polymodal/encoder-vision';
import { pretrainedImage } from '@polymodal/encoder-vision/pretrained';
import { fusion } from '@polymodal/fusion';
import { heads } from '@polymodal/heads';
import { composePretrained } from '@polymodal/hub';
import { evaluate, train } from '@polymodal/trainer';
import * as tf from '@tensorflow/tfjs-core';
import { serve } from '../serve';
import type { EpochResult } from './epoch-result';
import { pictureSize, readWorkload } from './workload';

const folder = process.argv[2]!;
const { config, samples, pictures } = readWorkload(folder);

registerOnnxBackend();

await serve(async () => {
  await tf.setBackend('onnx');
  const lora = {
    use: 'lora',
    targets: ['encoders.**.query', 'encoders.**.value'],
    rank: config.rank,
    alpha: config.alpha,
  };
  const model = (await composePretrained(
    createRegistry([text, pretrainedText, vision, pretrainedImage, fusion, heads, adapters]),
    {
      hiddenSize: 256,
      encoders: {
        image: { use: 'pretrained-image', from: join(folder, 'clip') },
        text: { use: 'pretrained-text', from: join(folder, 'minilm') },
      },
      fusion: { use: 'concat', numHiddenLayers: 1, hiddenDropout: 0 },
      heads: { kind: { use: 'classification', labels: ['dark', 'bright'] } },
      ...(config.towers === 'lora' && { adapters: [lora] }),
    } as never,
  )) as unknown as Model;
  await writeStart(model);
  const all = samples.map(sampleOf);
  const [training, test] = [all.slice(0, config.trainingSamples), all.slice(config.trainingSamples)];
  const firstLoss = await lossOf(model, training.slice(0, config.batchSize));
  let report: (epoch: Promise<EpochResult>) => void;
  let goOn: (() => void) | undefined;

  async function tune(): Promise<never> {
    let [start, cpu] = now();
    await train(model, {
      data: training,
      epochs: 100,
      batchSize: config.batchSize,
      learningRate: config.learningRate,
      schedule: 'constant',
      warmup: 0,
      ...(config.towers === 'frozen' && {
        freeze: ['encoders'],
        frozenTowers: config.precision,
        ...(!config.cached && { towerCache: false as const }),
      }),
      progress: false,
      async onEpoch() {
        const [end, cpuByNow] = now();
        report(measured({ seconds: end - start, cpuSeconds: cpuByNow - cpu, firstLoss }));
        await new Promise<void>((resolve) => {
          goOn = resolve;
        });
        [start, cpu] = now();
      },
    });
    throw new RangeError('There are no more epochs.');
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

/** What is new begins alike on both sides. */
async function writeStart(model: Model): Promise<void> {
  const isNew = (path: string) => /^(fusion|heads)\./.test(path);
  const values = [...(await readParameters(model))].filter(([path]) => isNew(path));
  writeFileSync(join(folder, 'start.safetensors'), encodeSafetensors(new Map(values)));
}

/** With towers as they run in the steps. */
async function lossOf(model: Model, batch: readonly Sample[]): Promise<number> {
  const host = await collated(model, batch);
  const losses = tf.tidy(() => {
    const { kind } = model.losses(uploadBatch(host), inferenceContext());
    const [term] = Object.values(kind!);
    return tf.div(term!.sum, term!.count);
  });
  return (await losses.data())[0]!;
}

async function collated(model: Model, batch: readonly Sample[]): Promise<HostBatch> {
  const prepared = await Promise.all(batch.map((sample) => model.prepare(sample)));
  const host = model.collate(prepared);
  if (config.towers !== 'frozen') return host;
  const modalities = { ...host.modalities };
  for (const slot of Object.keys(modalities)) {
    const program = new EncoderProgram(model, slot, { precision: config.precision });
    const values = await program.encode(prepared.map(({ features }) => features[slot]!));
    modalities[slot] = encodedRows(modalities[slot]!.rows, values);
    program.dispose();
  }
  return { ...host, modalities };
}

function now(): [seconds: number, cpuSeconds: number] {
  const { user, system } = process.cpuUsage();
  return [performance.now() / 1000, (user + system) / 1e6];
}

function sampleOf({ text, bright }: (typeof samples)[number], index: number): Sample {
  const size = pictureSize ** 2 * 3;
  const data = pictures.subarray(index * size, (index + 1) * size);
  const image = { data, width: pictureSize, height: pictureSize, channels: 3 };
  return { image, text, targets: { kind: bright ? 'bright' : 'dark' } };
}
