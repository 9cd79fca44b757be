import { readFileSync } from 'node:fs';
import { hostTensor, type Processor, RandomKey, type Sample, SampleError, setTrainable } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { NonFiniteLossError } from './errors/non-finite-loss-error';
import { ClassHead, tinyModel, tinySamples } from './testing/tiny-model';
import { train } from './train';

const quiet = { progress: false } as const;

describe('train', () => {
  beforeAll(() => tf.setBackend('cpu'));

  it('reaches the optimum of a softmax regression', async () => {
    const path = new URL('../fixtures/softmax-regression.json', import.meta.url);
    const { x, labels, optimum } = JSON.parse(readFileSync(path, 'utf8')) as Record<'x' | 'labels', number[]> & {
      optimum: number;
    };
    const data = x.map((value, i) => ({ a: [value], targets: { digit: labels[i] } }));
    const { epochs } = await train(tinyModel({ modalities: ['a'] }), {
      data,
      epochs: 120,
      batchSize: data.length,
      learningRate: 0.1,
      weightDecay: 0,
      ...quiet,
    });
    // The loss is flat at the optimum, so it is far nearer than the parameters are.
    expect(epochs.at(-1)!.loss).toBeGreaterThan(optimum - 1e-5);
    expect(epochs.at(-1)!.loss).toBeLessThan(optimum + 1e-4);
  });

  it('learns every subset of the modalities at once, and reports on each', async () => {
    const { subsets, status, epochs } = await train(tinyModel(), {
      data: tinySamples(180, 3, 0.3),
      evaluate: tinySamples(60, 5),
      epochs: 10,
      learningRate: 0.05,
      modalityDropout: 0.3,
      ...quiet,
    });
    expect(status).toBe('finished');
    expect(Object.keys(subsets!)).toEqual(['a', 'b', 'c', 'a+b', 'a+c', 'b+c', 'a+b+c']);
    for (const { digit } of Object.values(subsets!)) {
      expect(digit.count).toBe(60);
      expect(digit.metrics.accuracy).toBeGreaterThan(0.8); // the samples' noise allows more than 0.9
      expect(digit.intervals.accuracy.low).toBeLessThan(digit.metrics.accuracy);
    }
    expect(epochs.at(-1)!.evaluation!.digit.metrics.accuracy).toBeGreaterThan(0.9);
  });

  it('trains on values of sizes that cannot be padded, each size in batches of its own', async () => {
    const model = tinyModel({ modalities: ['a', 'b'], padded: false });
    const data = Array.from({ length: 44 }, (_, index) => ({
      a: new Array(2 + (index % 3)).fill((index % 2) - 0.5), // of three sizes, as pictures that are not resized
      ...(index % 4 === 0 && { b: [index % 2] }),
      targets: { digit: index % 2 },
    }));
    const { epochs, steps, subsets } = await train(model, {
      data,
      evaluate: data,
      epochs: 20,
      batchSize: 8,
      learningRate: 0.1,
      modalityDropout: 0.2,
      ...quiet,
    });
    expect(steps).toBe(20 * (3 * 2 + 3 * 1)); // 33 with `a` alone, 11 with both, of each size a third
    expect(epochs.at(-1)!.evaluation!.digit.metrics.accuracy).toBe(1);
    expect(subsets!.a.digit.count).toBe(44);
  });

  it('trains on several values a sample, padded to a few numbers of them', async () => {
    const model = tinyModel({ modalities: ['a', 'b'], several: ['a'] });
    const collate = vi.spyOn(model.processors.a, 'collate');
    const key = RandomKey.from(4);
    const data = Array.from({ length: 96 }, (_, index) => {
      const values = Array.from({ length: index % 8 }, (_, at) => [
        (index % 2) - 0.5 + key.fold(index).fold(at).normal(1)[0],
      ]);
      return { a: values, b: [1], targets: { digit: index % 2 } }; // none at all in an eighth of them
    });
    const { epochs, subsets } = await train(model, {
      data,
      evaluate: data,
      epochs: 20,
      batchSize: 16,
      learningRate: 0.1,
      modalityDropout: { b: 0.5 },
      ...quiet,
    });
    expect(subsets!.a.digit.count).toBe(84);
    expect(subsets!.a.digit.metrics.accuracy).toBeGreaterThan(0.75); // of the mean of up to seven noisy numbers
    expect(epochs.at(-1)!.loss).toBeLessThan(epochs[0].loss);
    const numbers = new Set(collate.mock.results.map(({ value }) => value.valueMask.shape[1]));
    expect(numbers.size).toBeGreaterThan(1);
    expect(numbers.size).toBeLessThanOrEqual(2 * 4);
  });

  it('pads batches to a few lengths, in training and in evaluation, whatever lengths the data have', async () => {
    const model = tinyModel({ modalities: ['a', 'b'] });
    const { collate } = model.processors.a;
    const shapes = new Set<string>();
    vi.spyOn(model.processors.a, 'collate').mockImplementation(function (this: Processor, rows, lengths) {
      const features = collate.call(this, rows, lengths);
      if (rows.length > 1) shapes.add(`${features.values.shape[1]}`); // one by itself is only counted
      return features;
    });
    const data = Array.from({ length: 96 }, (_, index) => ({
      a: new Array(1 + ((index * 37) % 96)).fill(1),
      b: new Array(1 + ((index * 53) % 96)).fill(1),
      targets: { digit: index % 3 },
    }));
    await train(model, { data, evaluate: data, epochs: 12, batchSize: 16, modalityDropout: 0.3, ...quiet });
    expect(shapes.size).toBeGreaterThan(1);
    expect(shapes.size).toBeLessThanOrEqual(3 * 4);
  });

  it('makes room where augmentation makes samples longer than they were', async () => {
    const { steps } = await train(tinyModel({ modalities: ['a'] }), {
      data: tinySamples(20, 3, 0, ['a']),
      augment: (sample, key) => ({ ...sample, a: [...(sample.a as number[]), ...key.normal(key.integer(1, 40))] }),
      epochs: 3,
      batchSize: 8,
      ...quiet,
    });
    expect(steps).toBe(9);
  });

  it('gives the same bytes for the same seed, and others for another', async () => {
    const weights = async (seed: number) => {
      const model = tinyModel({ noise: 0.2 });
      await train(model, { data: tinySamples(40, 3, 0.3), epochs: 2, modalityDropout: 0.3, seed, ...quiet });
      return (model.heads.digit as ClassHead).weight.value.dataSync();
    };
    expect(await weights(1)).toEqual(await weights(1));
    expect(await weights(1)).not.toEqual(await weights(2));
  });

  it('leaves frozen parameters untouched to the byte, and learns with the rest', async () => {
    const model = tinyModel();
    setTrainable(model, ['encoders.a'], false);
    const read = () => Object.fromEntries([...model.parameters()].map(([path, own]) => [path, own.value.dataSync()]));
    const before = read();
    await train(model, { data: tinySamples(40), epochs: 1, ...quiet });
    const after = read();
    for (const path of Object.keys(before)) {
      const same = Buffer.from(before[path].buffer).equals(Buffer.from(after[path].buffer));
      expect([path, same]).toEqual([path, path.startsWith('encoders.a.')]);
    }
  });

  it('frees every tensor that it makes', async () => {
    const model = tinyModel();
    const before = tf.memory().numTensors;
    await train(model, { data: tinySamples(40), evaluate: tinySamples(10), epochs: 2, ...quiet });
    expect(tf.memory().numTensors).toBe(before);
  });

  it('weighs the losses of several heads', async () => {
    const heads = () => ({ digit: new ClassHead(), other: new ClassHead(3, 4, 'other') });
    const data = tinySamples(20).map((own) => ({ ...own, targets: { ...own.targets, other: 0 } }));
    const options = { data, epochs: 1, batchSize: 20, lossWeights: { other: 0.25 }, ...quiet };
    const { epochs } = await train(tinyModel({ heads: heads() }), options);
    const [{ loss, losses }] = epochs;
    expect(loss).toBeCloseTo(losses.digit + 0.25 * losses.other, 5);
  });

  it('leaves a head with weight 0 out of the update of the rest', async () => {
    const model = tinyModel({ heads: { digit: new ClassHead(), other: new ClassHead(3, 4, 'digit') } });
    await train(model, { data: tinySamples(20), epochs: 1, lossWeights: { other: 0 }, ...quiet });
    const alone = tinyModel({ heads: { digit: new ClassHead() } });
    await train(alone, { data: tinySamples(20), epochs: 1, ...quiet });
    const weight = (own: typeof model) => (own.heads.digit as ClassHead).weight.value.dataSync();
    expect(weight(model)).toEqual(weight(alone));
  });

  it('prepares samples anew in each epoch only where that draws random numbers', async () => {
    const count = async (noise: number) => {
      let calls = 0;
      const samples = tinySamples(6);
      const data = {
        length: samples.length,
        get: (index: number) => {
          calls++;
          return samples[index];
        },
      };
      await train(tinyModel({ noise }), { data, epochs: 3, ...quiet });
      return calls;
    };
    expect(await count(0)).toBe(6);
    expect(await count(0.1)).toBe(6 + 3 * 6); // once to see lengths, then in each epoch
  });

  it('stops at a loss that is not a number and names step, batch and losses', async () => {
    const data = tinySamples(8).map((own, i) => (i === 5 ? { ...own, a: [3e38, 3e38] } : own)); // their sum is infinite
    const error = await train(tinyModel(), { data, epochs: 1, ...quiet }).catch((caught) => caught);
    expect(error).toBeInstanceOf(NonFiniteLossError);
    expect(error.message).toMatch(/step 1 \(epoch 1\), a batch of 8 with 8 × a, 8 × b, 8 × c/);
    expect(error.message).toMatch(/digit NaN/);
    expect(error.hint).toContain('and no checkpoint is from before: train was given no directory.');
  });
});

describe('train warns before the first step', () => {
  it('of a slot and of a head that never occur in the data', async () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const heads = { digit: new ClassHead(), other: new ClassHead(3, 4, 'other'), pair: new ClassHead(3, 4, 'digit') };
    Object.assign(heads.pair, { requires: { all: ['a', 'c'] } });
    let before: unknown[] = [];
    await train(tinyModel({ heads }), {
      data: tinySamples(6, 3, 0, ['a', 'b']),
      epochs: 1,
      ...quiet,
      onEpoch: () => {
        before = warned.mock.calls.map(([text]) => text);
      },
    });
    expect(before).toEqual([
      'data: no sample has a value for the slot "c", so nothing is learned of it.',
      expect.stringContaining('the target "other" and the modalities that the head "other" needs'),
      expect.stringContaining('that the head "pair" needs'),
    ]);
    warned.mockClear();
    const options = { data: tinySamples(6), epochs: 1, lossWeights: { other: 0 }, ...quiet };
    await train(tinyModel({ heads: { digit: new ClassHead(), other: new ClassHead(3, 4, 'other') } }), options);
    expect(warned).not.toHaveBeenCalled();
    warned.mockRestore();
  });
});

describe('train refuses', () => {
  const data = tinySamples(4);
  const failing = (options: object, model = tinyModel()) =>
    train(model, { data, ...quiet, ...options } as never).then(
      () => 'no error',
      (error: Error) => `${error.name}: ${error.message}`,
    );

  it('a misspelt option, with the nearest name', async () => {
    expect(await failing({ epoch: 3 })).toMatch(/ConfigError: .*"epoch".*"epochs"/);
  });

  it('values of the wrong kind', async () => {
    expect(await failing({ epochs: 0 })).toMatch(/ConfigError: train\.epochs/);
    expect(await failing({ batchSize: 2.5 })).toMatch(/ConfigError: train\.batchSize/);
    expect(await failing({ signal: {} })).toMatch(/signal: expected an AbortSignal/);
    expect(await failing({ onEpoch: 3 })).toMatch(/onEpoch: expected a function/);
    expect(await failing({ progress: 'yes' })).toMatch(/progress: expected true, false or a stream/);
  });

  it('no samples', async () => {
    expect(await failing({ data: [] })).toMatch(
      /ConfigError: train\.data: expected at least one sample, received none/,
    );
    expect(await failing({ data: undefined })).toMatch(/ConfigError: train\.data: expected an array of samples/);
    await expect(train(tinyModel(), {} as never)).rejects.toThrow(
      /^train\.data: expected an array of samples, or an object with length and get\(index\), received nothing\.$/,
    );
    expect(await failing({ data: data[0] })).toMatch(/train\.data: .* For one sample: \[sample\]\. For several/);
  });

  it('numbers that are none', async () => {
    for (const value of [0, -1, Number.NaN, '8', 2.5, Number.POSITIVE_INFINITY]) {
      expect(await failing({ batchSize: value })).toMatch(/ConfigError: train\.batchSize/);
      expect(await failing({ epochs: value })).toMatch(/ConfigError: train\.epochs/);
    }
    expect(await failing({ learningRate: Number.NaN })).toMatch(/ConfigError: train\.learningRate/);
    expect(await failing({ cacheBytes: Number.NaN })).toMatch(/ConfigError: train\.cacheBytes/);
  });

  it('what is no model, and no options', async () => {
    for (const model of [null, {}, 'model', { ...tinyModel() }]) {
      expect(await failing({}, model as never)).toMatch(
        /ConfigError: train: expected a model, as composeModel makes it/,
      );
    }
    await expect(train(tinyModel(), undefined as never)).rejects.toThrow(
      /^train: expected a model and an object of options/,
    );
    await expect(train(tinyModel(), data as never)).rejects.toThrow(
      /^train: .*received an array of 4\. For an array of samples: train\(model, \{ data: samples \}\)\.$/,
    );
  });

  it('what is no sample, by its index', async () => {
    const sparse = [...data];
    delete (sparse as unknown[])[2];
    expect(await failing({ data: sparse })).toMatch(/SampleError: data, sample 2: .*received nothing/);
    expect(await failing({ data: [...data, null] })).toMatch(/SampleError: data, sample 4: .*received null/);
    expect(await failing({ data: ['text'] })).toMatch(/SampleError: data, sample 0: .*received "text"/);
    expect(await failing({ augment: () => undefined })).toMatch(/SampleError: data, sample 0, augmented: .*nothing/);
    const get = (index: number) => (index < 3 ? data[index] : Promise.reject(new Error('no disk')));
    expect(await failing({ data: { length: 4, get } })).toMatch(/SampleError: data, sample 3: .*Error: no disk/);
    expect(await failing({ data: { length: -1, get } })).toMatch(/ConfigError: train\.data/);
  });

  it('more samples than it could ever look at, before it reads one', async () => {
    const get = () => expect.fail('it was read');
    for (const name of ['data', 'evaluate']) {
      expect(await failing({ [name]: { length: 1e9, get } })).toMatch(
        new RegExp(`ConfigError: train\\.${name}\\.length: expected at most 16777216 samples.*received 1000000000`),
      );
    }
  });

  it('what throws when it is read, by the sample’s index and with what was thrown as the cause', async () => {
    const own = new RangeError('mine');
    const fail = () => {
      throw own;
    };
    const traps = { ownKeys: fail, get: fail, has: fail, getPrototypeOf: fail, getOwnPropertyDescriptor: fail };
    const [getter, proxy] = [Object.defineProperty({}, 'a', { get: fail, enumerable: true }), new Proxy({}, traps)];
    const target = { a: [1], targets: Object.defineProperty({}, 'digit', { get: fail, enumerable: true }) };
    const cases: [options: object, place: string][] = [
      ...[getter, proxy].map((sample): [object, string] => [{ data: [...data, sample] }, 'data, sample 4: ']),
      [{ data: [...data, target] }, 'data, sample 4, targets: '],
      [{ evaluate: [...data, getter] }, 'evaluate, sample 4: '],
      [{ augment: (sample: Sample) => (sample === data[2] ? fail() : sample) }, 'data, sample 2, augmented: '],
    ];
    for (const [options, place] of cases) {
      const error = await train(tinyModel(), { data, ...quiet, ...options }).catch((caught) => caught);
      expect(error).toBeInstanceOf(SampleError);
      expect(error.message).toContain(place);
      expect(error.message).toContain('RangeError: mine');
      expect(error.cause).toBe(own);
    }
  });

  it('numbers in features that are not finite, by sample and slot', async () => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const sample = { a: [1], c: [0, value], targets: { digit: 1 } };
      expect(await failing({ data: [...data, sample] })).toMatch(
        new RegExp(`SampleError: data, sample 4, c: .*received ${value} in "values", at position 1 of 2`),
      );
      expect(await failing({ evaluate: [sample] })).toMatch(/SampleError: evaluate, sample 0, c/);
    }
  });

  it('targets that no head can learn from, before the first step and by the sample’s index', async () => {
    let steps = 0;
    const refused = (targets: unknown, options: object = {}) =>
      failing({ data: [...data, { a: [1], targets }], onEpoch: () => steps++, ...options });
    expect(await refused({ digit: 7 })).toMatch(/SampleError: data, sample 4, targets\.digit: expected a class/);
    expect(await refused({ digit: Number.NaN })).toMatch(/SampleError: data, sample 4, targets\.digit/);
    expect(await refused({ digti: 1 })).toMatch(
      /SampleError: data, sample 4, targets: .*"digti"\. Did you mean "digit"/,
    );
    expect(await refused('good')).toMatch(/SampleError: data, sample 4, targets: expected an object of targets/);
    expect(await refused({ digit: 1 }, { evaluate: [{ a: [1], targets: { digit: 7 } }] })).toMatch(
      /SampleError: evaluate, sample 0, targets\.digit/,
    );
    expect(steps).toBe(0);
  });

  it('NaN in targets that their processor does not refuse', async () => {
    const model = tinyModel();
    const { digit } = model.targets;
    Object.assign(digit.processor, { process: (raw: number) => ({ index: hostTensor(Float32Array.of(raw), []) }) });
    const options = { data: [...data, { a: [1], targets: { digit: Number.NaN } }] };
    expect(await failing(options, model)).toMatch(/SampleError: data, sample 4, targets\.digit: .*NaN/);
  });

  it('a sample without a modality, by its index', async () => {
    const sample: Sample = { targets: { digit: 1 } };
    expect(await failing({ data: [...data, sample] })).toMatch(/SampleError: data, sample 4: expected at least one of/);
    await expect(train(tinyModel(), { data: [{ a: 'x' }], ...quiet })).rejects.toThrow(SampleError);
  });

  it('a sample that no head can run on', async () => {
    const model = tinyModel({ heads: { digit: new ClassHead(3, 4, 'digit', { count: 2 }) } });
    const alone = { a: [1], targets: { digit: 1 } };
    expect(await failing({ data: [alone] }, model)).toMatch(/MissingModalityError: data, sample 0/);
  });

  it('data that no head learns from', async () => {
    expect(await failing({ data: data.map((own) => ({ ...own, targets: {} })) })).toMatch(
      /ConfigError: data: expected samples with targets for at least one of the heads digit/,
    );
  });

  it('names of heads and modalities that the model does not have', async () => {
    expect(await failing({ lossWeights: { digits: 1 } })).toMatch(
      /UnknownNameError: train\.lossWeights.digits.*"digit"/,
    );
    expect(await failing({ modalityDropout: { z: 0.1 } })).toMatch(/ConfigError: train\.modalityDropout\.z/);
    expect(await failing({ parameterGroups: [{ match: 'encoder.a' }] })).toMatch(
      /train\.parameterGroups\.0\.match.*"encoders.a"/,
    );
  });
});
