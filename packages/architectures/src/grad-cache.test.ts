import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { registerOnnxBackend } from '@polymodal/backend-onnx';
import {
  ConfigError,
  composeUnchecked,
  createRegistry,
  type HostBatch,
  type Model,
  mapRecord,
  meanLoss,
  RandomKey,
  trainingContext,
  uploadBatch,
} from '@polymodal/core';
import { text } from '@polymodal/encoder-text';
import { vision } from '@polymodal/encoder-vision';
import { fusion } from '@polymodal/fusion';
import { type ContrastiveHead, heads } from '@polymodal/heads';
import { lossGradients, type TrainOptions, train } from '@polymodal/trainer';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';

const registry = createRegistry([text, vision, fusion, heads]);

const configWith = (loss: string, hiddenDropout = 0, more: object = {}) => ({
  hiddenSize: 8,
  encoders: {
    image: { use: 'vit', imageSize: 8, patchSize: 4, numHiddenLayers: 1, numAttentionHeads: 2, hiddenDropout },
    text: { use: 'transformer', maxLength: 16, numHiddenLayers: 1, numAttentionHeads: 2, hiddenDropout },
  },
  fusion: { use: 'mean', hiddenDropout },
  heads: {
    align: { use: 'contrastive', embeddingSize: 8, loss },
    kind: { use: 'classification', labels: 2 },
    ...more,
  },
});

/** Pictures with their numbers, two of which stand for the same, and one without text; classes, of which some are not known. */
const data = Array.from({ length: 12 }, (_, index) => ({
  image: {
    data: Uint8Array.from(RandomKey.from(5).fold(index).uniform(192), (own) => 255 * own),
    width: 8,
    height: 8,
    channels: 3,
  },
  ...(index !== 5 && { text: `number ${index}` }),
  targets: { ...(index % 2 === 0 && { kind: index % 4 === 0 ? 0 : 1 }), align: String(index % 10) },
}));

const lossWeights = { kind: 0.5, align: 2 };
const options = {
  ...{ data, epochs: 1, learningRate: 1e-3, schedule: 'constant', warmup: 0, clipGradientNorm: false, weightDecay: 0 },
  ...{ progress: false, lossWeights },
} as const;

async function hostOf(model: Model, samples: readonly (typeof data)[number][]): Promise<HostBatch> {
  return model.collate(await Promise.all(samples.map((sample) => model.prepare(sample))));
}

/** Gradients and losses over one batch of all samples, as the model itself computes them. */
async function ofWhole(model: Model) {
  const batch = uploadBatch(await hostOf(model, data));
  const losses: Record<string, number> = {};
  const { grads } = tf.variableGrads(() => {
    const terms = model.losses(batch, trainingContext(RandomKey.from(0), model));
    const means = Object.entries(terms).map(([head, own]) => [head, meanLoss(own)] as const);
    for (const [head, mean] of means) [losses[head]] = mean.dataSync();
    return tf.addN(
      means.map(([head, mean]) => tf.mul(mean, lossWeights[head as keyof typeof lossWeights])),
    ) as tf.Scalar;
  });
  const norm = Math.hypot(...Object.values(grads).flatMap((own) => [...own.dataSync()]));
  return { losses, norm, grads, loss: 2 * losses.align + 0.5 * losses.kind };
}

const valuesOf = (model: Model) => [...model.parameters().values()].flatMap(({ value }) => [...value.dataSync()]);

/** A training, with the norm of the gradients of its first step. */
async function run(config: ReturnType<typeof configWith>, own: object) {
  const model = composeUnchecked(registry, config);
  const directory = mkdtempSync(join(tmpdir(), 'polymodal-grad-cache-'));
  const { epochs } = await train(model, { ...options, directory, ...own } as TrainOptions);
  const [first] = readFileSync(join(directory, 'metrics.jsonl'), 'utf8').split('\n', 1);
  rmSync(directory, { recursive: true });
  const { gradientNorm } = JSON.parse(first) as { gradientNorm: number };
  return { ...epochs[0], gradientNorm, values: valuesOf(model) };
}

/** All batches of an epoch count as one. */
const cached = { batchSize: 4, accumulate: 12, gradCache: true };

describe('GradCache', () => {
  beforeAll(async () => {
    registerOnnxBackend();
    await tf.setBackend('onnx');
  });

  it.each(['softmax', 'sigmoid'])('has the losses and gradients of one large batch: %s', async (loss) => {
    const { losses, norm, loss: all } = await ofWhole(composeUnchecked(registry, configWith(loss)));
    for (const own of [cached, ...(loss === 'softmax' ? [{ ...cached, batchSize: 1 }] : [])]) {
      const made = await run(configWith(loss), own);
      for (const head of ['align', 'kind']) expect(Math.abs(made.losses[head] - losses[head])).toBeLessThan(1e-5);
      expect(Math.abs(made.loss - all)).toBeLessThan(1e-5);
      expect(Math.abs(made.gradientNorm - norm)).toBeLessThan(2e-4); // of 450
    }
    const plain = await run(configWith(loss), { ...cached, gradCache: false });
    expect(Math.abs(plain.losses.align - losses.align)).toBeGreaterThan(1e-2); // of fewer others
  });

  it('has each gradient of one large batch, made by hand of the function of a step', async () => {
    const model = composeUnchecked(registry, configWith('softmax'));
    const parameters = [...model.parameters()].map(([path, parameter]) => ({ path, parameter }));
    const { grads } = await ofWhole(model);
    const hosts = [await hostOf(model, data.slice(0, 7)), await hostOf(model, data.slice(7))];
    const whole = uploadBatch(await hostOf(model, data));
    const counts = () => model.lossCounts(wholeHost);
    const wholeHost = await hostOf(model, data);
    const key = RandomKey.from(0);
    const made = hosts.map((host) => model.rowTensors(uploadBatch(host), trainingContext(key, model), ['align']).align);
    const rows = { align: mapRecord(made[0], (own, name) => tf.concat([own, made[1][name]])) };
    const compared = lossGradients(model, parameters, whole, { key, rows, counts, lossWeights })!;
    const byRows = mapRecord(compared.rowGradients.align, (own, name) =>
      tf.split(
        own,
        made.map((part) => part[name].shape[0]),
      ),
    );
    const parts = hosts.map(
      (host, index) =>
        lossGradients(model, parameters, uploadBatch(host), {
          ...{ key, counts, lossWeights },
          rowGradients: { align: mapRecord(byRows, (own) => own[index]) },
        })!,
    );
    const all = [compared, ...parts].map(({ gradients }) => gradients);
    for (const [path, { value }] of model.parameters()) {
      const sum = tf.addN([tf.zerosLike(value), ...all.flatMap((own) => (own[path] ? [own[path]] : []))]);
      const expected = grads[value.name] ?? tf.zerosLike(value);
      expect(tf.max(tf.abs(tf.sub(sum, expected))).dataSync()[0], path).toBeLessThan(1e-4); // of gradients of 200
    }
  });

  it('needs the memory of one of its batches', async () => {
    await tf.setBackend('cpu'); // where every tensor is counted
    const peak = async (own: object) => {
      const before = tf.memory().numBytes; // of tests of other files too
      const model = composeUnchecked(registry, configWith('softmax'));
      const { peakBytes } = await tf.profile(async () => {
        await train(model, { ...options, ...own } as TrainOptions);
        return [];
      });
      model.dispose(); // or the next one stands beside it
      return peakBytes - before;
    };
    const [small, whole] = [await peak({ ...cached, batchSize: 2, gradCache: false }), await peak({ batchSize: 12 })];
    expect(await peak({ ...cached, batchSize: 2 })).toBeLessThan(1.1 * small);
    expect(whole).toBeGreaterThan(1.5 * small);
    await tf.setBackend('onnx');
  });

  it('drops the same values when a batch is computed again', async () => {
    const model = composeUnchecked(registry, configWith('softmax', 0.5));
    const align = model.heads.align as ContrastiveHead;
    const forward = align.forward.bind(align);
    const made: number[][] = [];
    align.forward = (input) => {
      const output = forward(input);
      made.push([...output.embeddings.image.values.dataSync()]);
      return output;
    };
    await train(model, { ...options, ...cached, replay: false } as TrainOptions);
    expect(made.length % 2).toBe(0);
    const half = made.length / 2;
    expect(made.slice(half)).toEqual(made.slice(0, half));
    expect(half).toBeGreaterThan(2);
  });

  it('is the same to the bit in replayed steps', async () => {
    const more = { epochs: 4, learningRate: 5e-3, batchSize: 4, accumulate: 2, gradCache: true };
    const recorded = await run(configWith('softmax', 0.2), { ...more, replay: false });
    const replayed = await run(configWith('softmax', 0.2), more);
    expect(replayed.values).toEqual(recorded.values);
  });

  it('is refused where it would change nothing, and of heads that compare rows within a batch alone', async () => {
    const asked = (own: object, config = configWith('softmax')) =>
      train(composeUnchecked(registry, config), { ...options, gradCache: true, ...own } as TrainOptions);
    await expect(asked({})).rejects.toThrow(/^train\.gradCache: expected several batches to a step/);
    await expect(asked({ accumulate: 2, lossWeights: { align: 0 } })).rejects.toThrow(
      /a head whose loss compares rows/,
    );
    const matching = configWith('softmax', 0, { match: { use: 'matching', input: 'align' } });
    await expect(asked({ accumulate: 2 }, matching)).rejects.toThrow(/received match, within one alone/);
    await expect(asked({ accumulate: 2 }, matching)).rejects.toThrow(ConfigError);
  });
});
