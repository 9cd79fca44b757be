import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { registerOnnxBackend } from '@polymodal/backend-onnx';
import { type Context, type Model, RandomKey } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { temporaryFolder } from '../testing/temporary-folder';
import { ClassHead, tinyModel, tinySamples } from '../testing/tiny-model';
import { train } from '../train';
import type { TrainOptions } from '../train-options';
import { modulatedGradients, modulationFactors } from './modulation';
import { probeModalities } from './probe-modalities';
import { ridgeClassifier } from './ridge-classifier';

const data = tinySamples(24, 3, 0, ['a', 'b']);
const options = { data, batchSize: 8, epochs: 3, learningRate: 0.02, progress: false } as const;
const modulation = { use: 'ogm-ge', head: 'digit' } as const;
const twoSlots = () => tinyModel({ modalities: ['a', 'b'] });
const valuesOf = (model: Model) => [...model.parameters().values()].flatMap(({ value }) => [...value.dataSync()]);
const numberOf = (tensor: tf.Tensor) => tensor.dataSync()[0];

beforeAll(async () => {
  registerOnnxBackend();
  await tf.setBackend('onnx');
});

describe('OGM-GE', () => {
  it.each([
    [0.2, 1.4],
    [1.4, 0.2],
    [0.5, 0.5],
  ])('has the factors of the paper for two modalities: losses %d and %d', (a, b) => {
    const alpha = 0.4;
    const [scoreA, scoreB] = [Math.exp(-a), Math.exp(-b)];
    const naive = (ratio: number) => (ratio > 1 ? 1 - Math.tanh(alpha * ratio) : 1);
    const made = modulationFactors({ a: tf.scalar(a), b: tf.scalar(b) }, alpha);
    expect(numberOf(made.a)).toBeCloseTo(naive(scoreA / scoreB), 5);
    expect(numberOf(made.b)).toBeCloseTo(naive(scoreB / scoreA), 5);
  });

  it('compares each of three with the mean of the others, and one alone with none', () => {
    const losses = [0.1, 0.7, 1.5];
    const scores = losses.map((loss) => Math.exp(-loss));
    const made = modulationFactors({ a: tf.scalar(0.1), b: tf.scalar(0.7), c: tf.scalar(1.5) }, 0.1);
    const ratio = scores[1] / ((scores[0] + scores[2]) / 2);
    expect(numberOf(made.b)).toBeCloseTo(ratio > 1 ? 1 - Math.tanh(0.1 * ratio) : 1, 5);
    expect(numberOf(made.c)).toBe(1);
    expect(numberOf(modulationFactors({ a: tf.scalar(0.1) }, 0.1).a)).toBe(1);
  });

  it('multiplies gradients of encoders alone, and adds noise as large as those of a matrix vary', () => {
    const model = twoSlots();
    const gradient = tf.tensor2d([1, 2, 3, 6], [2, 2]);
    const gradients = {
      'encoders.a.linear.weight': gradient,
      'encoders.a.linear.bias': tf.tensor1d([4]),
      'fusion.weight': gradient,
    };
    const drawn: unknown[] = [];
    const context = {
      drawFor: (module: unknown, shape: number[]) => {
        drawn.push(module);
        return tf.fill(shape, 0.5);
      },
    } as unknown as Context;
    const factors = { a: tf.scalar(0.25) };
    const made = modulatedGradients(model, gradients, factors, { ...modulation, noise: true }, context);
    const deviation = Math.sqrt((4 + 1 + 0 + 9) / 3); // of 1, 2, 3, 6 around 3, by n − 1, as torch has it
    const expected = [1, 2, 3, 6].map((own) => 0.25 * own + 0.5 * deviation);
    [...made['encoders.a.linear.weight'].dataSync()].forEach((own, i) => expect(own).toBeCloseTo(expected[i], 5));
    expect(numberOf(made['encoders.a.linear.bias'])).toBe(1);
    expect(made['fusion.weight']).toBe(gradient);
    expect(drawn).toEqual([model.encoders.a]);
  });

  it('is told in records, and is the same to the bit in replayed steps and from a checkpoint', async () => {
    const directory = temporaryFolder();
    const run = async (own: object) => {
      const model = twoSlots();
      const result = await train(model, { ...options, epochs: 5, modulation, ...own } as TrainOptions);
      return { ...result, values: valuesOf(model) };
    };
    const recorded = await run({ replay: false });
    const stop = new AbortController();
    let read = 0;
    const get = (index: number) => {
      if (++read === 24 + 24 + 18) stop.abort(); // in the midst of the second epoch, after the first look at each
      return data[index];
    };
    const cut = { data: { length: 24, get }, cacheBytes: 0, checkpointEvery: { steps: 1 }, signal: stop.signal };
    const { steps } = await run({ directory, ...cut });
    expect(steps % 3).toBe(2); // so that both checkpoints are of a part of an epoch
    const resumed = await run({ directory });
    expect(resumed.values).toEqual(recorded.values);
    expect((await run({ modulation: false, watchModalities: true })).values).not.toEqual(recorded.values);
    for (const { modalities } of resumed.epochs) {
      const { a, b } = modalities!;
      expect(a.gradientShare + b.gradientShare).toBeCloseTo(1, 5);
      expect(Math.min(a.factor!, b.factor!)).toBeLessThan(1);
      expect(Math.max(a.factor!, b.factor!)).toBeLessThanOrEqual(1);
    }
    expect(readFileSync(join(directory, 'report.html'), 'utf8')).toContain('What gradients are multiplied by');
    expect(readFileSync(join(directory, 'metrics.jsonl'), 'utf8')).toMatch(/"modalities":\{"a":\{"gradientShare":/);
  });

  it.each([
    [{ modulation: { ...modulation, head: 'digits' } }, /^train\.modulation\.head: .*"digits"/],
    [{ modulation, accumulate: 2 }, /^train\.modulation: expected one batch to a step/],
    [{ modulation, activate: ['b'] }, /^train\.modulation\.head: .* received digit, on b/],
    [
      { modulation, freeze: ['encoders'] },
      /^train\.modulation: expected an encoder that learns.* of a, b, received none/,
    ],
  ])('is refused where modalities cannot be compared, or none can be held back: %j', async (own, message) => {
    await expect(train(twoSlots(), { ...options, ...own } as TrainOptions)).rejects.toThrow(message);
  });

  it('is refused for a head that does not learn', async () => {
    const heads = { digit: new ClassHead(3), other: new ClassHead(3, 4, 'digit') };
    const model = tinyModel({ modalities: ['a', 'b'], heads });
    const own = { modulation: { ...modulation, head: 'other' }, lossWeights: { other: 0 } };
    await expect(train(model, { ...options, ...own } as TrainOptions)).rejects.toThrow(/received other, of weight 0/);
  });

  it('is refused for a head that compares rows', async () => {
    class Comparing extends ClassHead {
      override readonly comparesRows = true;
    }
    const model = tinyModel({ modalities: ['a', 'b'], heads: { digit: new Comparing(3) } });
    await expect(train(model, { ...options, modulation })).rejects.toThrow(/received digit, whose loss compares rows/);
  });

  it('is refused for a head that does not run on each alone', async () => {
    const model = tinyModel({ modalities: ['a', 'b'], heads: { digit: new ClassHead(3, 4, 'digit', { all: ['a'] }) } });
    await expect(train(model, { ...options, modulation })).rejects.toThrow(/received digit, on a/);
  });
});

describe('probes of modalities', () => {
  it('have the scores of scikit-learn', () => {
    const file = new URL('../../fixtures/ridge-classifier.json', import.meta.url);
    const { rows, classes, tried, scores } = JSON.parse(readFileSync(file, 'utf8')) as {
      rows: number[][];
      classes: number[];
      tried: number[][];
      scores: number[][];
    };
    const classifier = ridgeClassifier(rows, classes, 3);
    tried.forEach((row, index) => {
      const made = classifier.scores(row);
      for (const [label, own] of made.entries()) expect(own).toBeCloseTo(scores[index][label], 8);
    });
  });

  it('tell which branch has learned little, and warn of it', async () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const samples = Array.from({ length: 60 }, (_, index) => {
      const noise = RandomKey.from(index).normal(1)[0];
      return { a: [index % 3, 1], b: [noise, 1], targets: { digit: index % 3 } };
    });
    const model = twoSlots();
    const given = { data: samples.slice(0, 40), test: samples.slice(40), target: 'digit' };
    const probes = await probeModalities(model, { ...given, alone: { a: model, b: 0.9 } });
    expect(probes.a.ratio).toBe(1);
    expect(probes.a.accuracy).toBeGreaterThan(probes.b.accuracy);
    expect(probes.b.ratio).toBeCloseTo(probes.b.accuracy / 0.9, 10);
    expect(warned.mock.calls.map(([text]) => text)).toEqual([
      expect.stringContaining('encoder of b has learned little'),
    ]);
    warned.mockRestore();
    await expect(probeModalities(model, { ...given, target: 'none' })).rejects.toThrow(
      /samples with a and the target none/,
    );
    const wrong: [object, RegExp][] = [
      [{ alone: { c: 1 } }, /^probeModalities\.alone\.c: expected a slot of the model/],
      [{ alone: { b: tinyModel({ modalities: ['a'] }) } }, /^probeModalities\.alone\.b: expected a slot of the model/],
      [{ alone: { b: 90 } }, /^probeModalities\.alone\.b: expected an accuracy above 0, and at most 1, received 90/],
      [{ tets: [] }, /^probeModalities: expected only known options, received "tets"/],
      [
        { data: samples.filter((_, index) => index % 3 === 0) },
        /^probeModalities\.target: .* 20 samples have 1 values/,
      ],
      [{ data: samples.map((own, size) => ({ ...own, targets: { digit: size } })) }, /60 samples have 60 values/],
    ];
    for (const [own, message] of wrong)
      await expect(probeModalities(model, { ...given, ...own })).rejects.toThrow(message);
  });
});
