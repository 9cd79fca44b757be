import { afterAll, expect, it } from 'vitest';
import { composeModel } from './compose-model';
import { SampleError } from './errors';
import type { PreparedSample } from './prepared-sample';
import { createRegistry } from './registry';
import { numbersPlugin } from './testing/test-parts';

const model = composeModel(createRegistry([numbersPlugin]), {
  hiddenSize: 2,
  encoders: { left: { use: 'numbers' }, right: { use: 'numbers' } },
  fusion: { use: 'sum' },
  heads: { total: { use: 'total' } },
});
afterAll(() => model.dispose());

const wrong: [unknown, string][] = [
  [
    undefined,
    'expected a prepared sample, with features and targets, and lengths by modality if any, received nothing.',
  ],
  [{ left: [1, 2] }, 'received an object with left. Prepare samples first: await model.prepare(sample).'],
  [{ features: { left: [1] } }, 'received an object with features.'],
  [{ features: [], targets: {} }, 'received an object with features, targets.'],
  [{ features: {}, targets: {}, lengths: 3 }, 'with features, targets, lengths.'],
  [{ features: {}, targets: {}, lengths: { left: 3 } }, 'and lengths by modality if any, received'],
  [{ features: {}, targets: {} }, 'expected at least one of left, right, received no modality.'],
  [
    { features: { lefd: {} }, targets: {} },
    'expected features of modalities of the model, received "lefd". Did you mean "left"?',
  ],
  [{ features: { left: {} }, targets: {} }, ', left: expected named host tensors, at least one, received none.'],
  [{ features: { left: { values: [1] } }, targets: {} }, ', left, values: expected a shape, and data in Float32Array'],
];

it('tells samples that were not prepared from those that were, by their index', async () => {
  const right = await model.prepare({ left: [1, 2] });
  for (const [sample, said] of wrong) {
    const given = [right, sample as PreparedSample];
    const error = await model.predictPrepared(given).catch((thrown: unknown) => thrown);
    expect(SampleError.isInstance(error)).toBe(true);
    expect((error as Error).message).toContain('sample 1');
    expect((error as Error).message).toContain(said);
    expect(() => model.collate(given)).toThrow(SampleError);
    expect(() => model.collate(given)).toThrow('collate, sample 1');
    expect(() => model.collate(given)).toThrow(said);
    expect(await model.predictPrepared(given, { onError: 'skip' })).toEqual([
      { total: expect.any(Number) },
      expect.any(SampleError),
    ]);
  }
  for (const none of [undefined, {}, [], new Set([right])]) {
    expect(() => model.collate(none as never)).toThrow('collate: expected a list of prepared samples, at least one');
  }
});
