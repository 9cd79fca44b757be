// A contender: two towers and what joins them, tuned with `train`, one epoch whenever it is told to.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { adapters } from '@polymodal/adapters';
import { registerOnnxBackend } from '@polymodal/backend-onnx';
import {
  createRegistry,
  disposeBatch,
  EncoderProgram,
  encodedRows,
  encodeSafetensors,
  type HostBatch,
  inferenceContext,
  type Model,
  type NamedTensor,
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
import { train } from '@polymodal/trainer';
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
    frozenWeights: config.precision,
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
  const [first, heldOut] = await collated(model, [training.slice(0, config.batchSize), test]);
  const firstLoss = await lossOf(model, first!);
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
    return { ...times, accuracy: await accuracyOf(model, heldOut!) };
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
  const values = new Map<string, NamedTensor>();
  for (const [path, parameter] of model.parameters()) {
    if (!/^(fusion|heads)\./.test(path)) continue;
    values.set(path, { shape: parameter.shape, data: (await parameter.viewValues()).slice() });
  }
  writeFileSync(join(folder, 'start.safetensors'), encodeSafetensors(values));
}

async function lossOf(model: Model, host: HostBatch): Promise<number> {
  const loss = tf.tidy(() => {
    const { kind } = model.losses(uploadBatch(host), inferenceContext());
    const [term] = Object.values(kind!);
    return tf.div(term!.sum, term!.count);
  });
  return (await loss.data())[0]!;
}

async function accuracyOf(model: Model, host: HostBatch): Promise<number> {
  const batch = uploadBatch(host);
  const right = tf.tidy(() => {
    const logits = model.forward(batch, inferenceContext(), ['kind']).heads.kind!.output as tf.Tensor2D;
    return tf.mean(
      tf.cast(tf.equal(tf.argMax(logits, 1), batch.targets.kind!.features.index as tf.Tensor1D), 'float32'),
    );
  });
  disposeBatch(batch);
  return (await right.data())[0]!;
}

/** With what frozen towers give, as they run in the steps. */
async function collated(model: Model, batches: readonly (readonly Sample[])[]): Promise<HostBatch[]> {
  const prepared = await Promise.all(batches.map((batch) => Promise.all(batch.map((sample) => model.prepare(sample)))));
  const hosts = prepared.map((batch) => model.collate(batch));
  if (config.towers !== 'frozen') return hosts;
  for (const slot of model.modalities) {
    const program = new EncoderProgram(model, slot, { precision: config.precision });
    for (const [index, batch] of prepared.entries()) {
      const values = await program.encode(batch.map(({ features }) => features[slot]!));
      const { modalities } = hosts[index]!;
      hosts[index] = {
        ...hosts[index]!,
        modalities: { ...modalities, [slot]: encodedRows(modalities[slot]!.rows, values) },
      };
    }
    program.dispose();
  }
  return hosts;
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
