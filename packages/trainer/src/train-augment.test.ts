import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ConfigError, defineAugmentation, mixedBatch, RandomKey, UnknownNameError, uploadBatch } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { lossGradients } from './loss-gradients';
import { assignGroups } from './optimizers/parameter-groups';
import { temporaryFolder } from './testing/temporary-folder';
import { tinyModel, tinySamples } from './testing/tiny-model';
import { interruptedRunIn, runIn, tinyRun } from './testing/tiny-run';
import { train } from './train';
import type { TrainOptions } from './train-options';

const jitter = defineAugmentation({
  name: 'jitter',
  modality: 'numbers',
  config: z.object({ by: z.number().default(0.1) }),
  create: ({ by }) => ({
    changeValue: (values: readonly number[], key) => {
      const drawn = key.normal(values.length);
      return values.map((value, index) => value + by * drawn[index]);
    },
  }),
});

const mute = defineAugmentation({
  name: 'mute',
  modality: 'numbers',
  config: z.object({}),
  probability: 0.5,
  create: () => ({
    changeFeatures: ({ values }) => ({ values: { ...values, data: new Float32Array(values.data.length) } }),
  }),
});

const mixUp = defineAugmentation({
  name: 'mix-up',
  modality: 'numbers',
  config: z.object({ share: z.number().optional() }),
  create: ({ share: fixed }) => ({
    mix({ values, mask }, partners, key) {
      const share = fixed ?? key.uniform(1)[0];
      const length = values.shape[1];
      const data = values.data.map((value, at) => {
        const partner = values.data[partners[Math.floor(at / length)] * length + (at % length)];
        return share * value + (1 - share) * partner;
      });
      return { features: { values: { ...values, data }, mask }, share };
    },
  }),
});

const other = defineAugmentation({
  name: 'flip',
  modality: 'image',
  config: z.object({}),
  create: () => ({ changeValue: (value) => value }),
});

const augment = { a: [jitter(), mute(), mixUp()], b: [jitter({ by: 0.2 })] };

describe('train with augmentations', () => {
  it('goes on in the middle of an epoch as if it had never been stopped', async () => {
    const [whole, parted] = [temporaryFolder(), temporaryFolder()];
    const { model } = await runIn(whole, { augment });
    await interruptedRunIn(parted, { augment }, 2);
    const resumed = await runIn(parted, { augment });
    const valuesOf = (own: typeof model) => [...own.parameters().values()].map(({ value }) => value.dataSync());
    expect(valuesOf(resumed.model)).toEqual(valuesOf(model));
    const plain = await train(tinyModel({ noise: 0.1 }), tinyRun);
    expect(valuesOf(plain.model)).not.toEqual(valuesOf(model));
  });

  it('goes on with the same augmentations alone', async () => {
    const folder = temporaryFolder();
    await interruptedRunIn(folder, { augment }, 1);
    const changed = { ...augment, b: [jitter({ by: 0.3 })] };
    await expect(runIn(folder, { augment: changed })).rejects.toThrow(/training\.augment\.b\.0\.by: expected 0\.2/);
    await expect(runIn(folder)).rejects.toThrow(/training\.augment/);
  });

  it.each<[string, TrainOptions['augment'], typeof ConfigError, RegExp]>([
    ['a slot that there is not', { d: [jitter()] }, UnknownNameError, /train\.augment\.d: .*"a"/],
    ['no list', { a: jitter() as never }, ConfigError, /train\.augment\.a: expected a list/],
    ['what is none', { a: [jitter as never] }, ConfigError, /train\.augment\.a\.0: .*Call it/],
    ['one of another modality', { a: [other()] }, ConfigError, /a\.0: .*"numbers".*"flip".*"image"/],
  ])('refuses %s before anything is read', async (_, given, kind, message) => {
    const data = { length: 3, get: () => expect.unreachable() };
    const training = train(tinyModel(), { data, augment: given!, progress: false });
    await expect(training).rejects.toThrow(kind);
    await expect(train(tinyModel(), { data, augment: given!, progress: false })).rejects.toThrow(message);
  });

  it('refuses to mix what is never alone, shared, or of several values', async () => {
    const data = tinySamples(12, 3, 0, ['a', 'b']);
    const options = { data, epochs: 1, augment: { a: [mixUp()] }, progress: false } as const;
    await expect(train(tinyModel({ modalities: ['a', 'b'] }), options)).rejects.toThrow(/nothing but "a".*mix-up/);
    await train(tinyModel({ modalities: ['a', 'b'] }), { ...options, modalityDropout: 0.5 });
    for (const slots of [{ several: ['a'] }, { shared: ['a'] }]) {
      await expect(train(tinyModel(slots), options)).rejects.toThrow(/train\.augment\.a\.0: .*several/);
    }
  });
});

describe('the loss of mixed rows', () => {
  it('is that of mixed targets in PyTorch, with its gradients', () => {
    const path = fileURLToPath(new URL('../fixtures/mixture.json', import.meta.url));
    const fixture = JSON.parse(readFileSync(path, 'utf8'));
    const model = tinyModel({ modalities: ['a'] });
    for (const [name, parameter] of model.parameters()) {
      parameter.assignValues(Float32Array.from(fixture.parameters[name]));
    }
    const [rows, length] = [fixture.values.length, fixture.values[0].length];
    const values = { data: Float32Array.from(fixture.values.flat()), shape: [rows, length] };
    const partners = Int32Array.from(fixture.partners);
    const [change] = [mixUp({ share: fixture.share })];
    const { features, share } =
      'mix' in change ? change.mix({ values }, partners, RandomKey.from(0)) : expect.unreachable();
    const mask = { data: new Uint8Array(rows * length).fill(1), shape: [rows, length], dtype: 'float32' as const };
    const all = Int32Array.from({ length: rows }, (_, row) => row);
    const targetsOf = (classes: Int32Array) => ({
      digit: { rows: all, features: { index: { data: classes, shape: [rows] } } },
    });
    const classes = Int32Array.from(fixture.classes);
    const batch = uploadBatch({
      size: rows,
      modalities: { a: { rows: all, features: { ...features, mask } } },
      targets: targetsOf(classes),
      mixture: { share, targets: targetsOf(partners.map((partner) => classes[partner])) },
    });
    const parameters = assignGroups(model, [], { learningRate: 1e-3, weightDecay: 0 });
    tf.tidy(() => {
      const made = lossGradients(model, parameters, batch, { key: RandomKey.from(0) })!;
      expect(made.loss.dataSync()[0]).toBeCloseTo(fixture.loss, 6);
      for (const [name, gradient] of Object.entries(made.gradients)) {
        gradient.dataSync().forEach((own, at) => expect(own).toBeCloseTo(fixture.gradients[name].flat()[at], 5));
      }
      expect(Object.keys(made.gradients).sort()).toEqual(Object.keys(fixture.gradients).sort());
    });
  });

  it('counts as many as that of the rows themselves', () => {
    const model = tinyModel({ modalities: ['a'] });
    const of = (data: ArrayLike<number>, shape: readonly number[]) => ({ data: Float32Array.from(data), shape });
    const host = {
      size: 3,
      modalities: {
        a: { rows: Int32Array.of(0, 1, 2), features: { values: of([1, 2, 3], [3, 1]), mask: of([1, 1, 1], [3, 1]) } },
      },
      targets: { digit: { rows: Int32Array.of(0, 2), features: { index: { data: Int32Array.of(1, 2), shape: [2] } } } },
    };
    const mixed = mixedBatch(host, { a: [mixUp()] }, RandomKey.from(1));
    expect(mixed.mixture).toBeDefined();
    expect(model.lossCounts(mixed)).toEqual(model.lossCounts({ ...host, targets: mixed.mixture!.targets }));
  });
});

it('decodes a file once whose values are changed in each epoch, as far as the bound allows, and learns the same to the bit', async () => {
  const data = tinySamples(12).map(({ targets }, index) => ({ a: `${index}.numbers`, targets }));
  const moved = defineAugmentation({
    name: 'moved',
    modality: 'numbers',
    config: z.object({}),
    create: () => ({
      changeValue: (values: ArrayLike<number>, key) => Array.from(values, (own) => own + key.normal(1)[0]),
    }),
  });
  const trained = async (decodedCacheBytes: number) => {
    const model = tinyModel({ modalities: ['a'] });
    const [each, reads] = [model.processors.a as { read?: (raw: unknown) => unknown }, { count: 0 }];
    each.read = (raw) => {
      reads.count++;
      return Float32Array.from({ length: 3 }, (_, place) => Number.parseInt(String(raw), 10) + place);
    };
    await train(model, { data, augment: { a: [moved()] }, epochs: 3, decodedCacheBytes, progress: false });
    return { reads: reads.count, weight: await model.parameters().get('encoders.a.weight')!.value.data() };
  };
  const [none, some, all] = [await trained(0), await trained(5 * 12), await trained(1e6)];
  expect([none.reads, some.reads, all.reads]).toEqual([4 * 12, 12 + 3 * 7, 12]); // once before the first epoch
  for (const own of [some, all]) expect(own.weight).toEqual(none.weight);
});
