import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { type Batch, disposeBatch, type HostBatch, uploadBatch } from './batch';
import { composeModel } from './compose-model';
import { inferenceContext, trainingContext } from './context';
import { ConfigError } from './errors';
import { addCounts, meanLoss } from './loss';
import { RandomKey } from './random-key';
import { createRegistry } from './registry';
import { numbersPlugin } from './testing/test-parts';

const model = composeModel(createRegistry([numbersPlugin]), {
  hiddenSize: 2,
  encoders: { left: { use: 'numbers' } },
  fusion: { use: 'sum' },
  heads: { total: { use: 'total' } },
});

function refused(call: () => unknown, said: string): void {
  expect(call).toThrow(ConfigError);
  expect(call).toThrow(said);
}

it('tells batches on the backend, in host memory, and what is none apart', async () => {
  const host = model.collate([await model.prepare({ left: [1, 2], targets: { total: 1 } })]);
  const uploaded = uploadBatch(host);
  const { left } = uploaded.modalities;
  const at = (...rows: number[]) => ({ ...uploaded, modalities: { left: { ...left, rows: Int32Array.from(rows) } } });
  for (const wrong of [undefined, null, 3, [], {}, Promise.resolve(uploaded), host, at(1), at(-1), at(0, 0)]) {
    const given = wrong as Batch;
    refused(() => model.forward(given, inferenceContext()), 'forward: expected a batch on the backend, uploadBatch(');
    refused(() => model.losses(given, inferenceContext()), 'losses: expected a batch on the backend');
    refused(() => disposeBatch(given), 'disposeBatch: expected a batch on the backend');
  }
  for (const wrong of [undefined, 3, {}, uploaded, { ...host, size: '1' }, { ...host, targets: { total: {} } }]) {
    const given = wrong as unknown as HostBatch;
    refused(() => model.lossCounts(given), 'lossCounts: expected a batch in host memory, model.collate(samples) say');
    refused(() => uploadBatch(given), 'uploadBatch: expected a batch in host memory');
  }
  refused(() => model.forward(uploaded, undefined as never), 'forward, context: expected a context');
  expect(model.lossCounts(host)).toEqual({ total: { distance: { count: 1, weight: 1 } } });
  tf.tidy(() => {
    expect(model.forward(uploaded, inferenceContext()).heads.total.rows).toEqual([0]);
  });
  disposeBatch(uploaded);
});

it('asks for keys, modules and terms where they are needed', async () => {
  refused(
    () => trainingContext(3 as never, model),
    'trainingContext: expected a key, RandomKey.from(0) say, received 3.',
  );
  refused(() => trainingContext(RandomKey.from(0), {} as never), 'trainingContext, root: expected a module');
  for (const data of [undefined, 1.5, Number.NaN, {}]) {
    refused(() => RandomKey.from(0).fold(data as never), 'RandomKey.fold: expected a name, or a safe integer');
  }
  refused(() => meanLoss({}), 'meanLoss: expected the terms of a head, at least one');
  refused(() => addCounts([undefined] as never), 'addCounts: expected a list of counts');
  await expect(model.prepare({ left: [1] }, 3 as never)).rejects.toThrow(
    'prepare, context: expected whether it is for training',
  );
  await expect(model.predict([{ left: [1] }], Promise.resolve({}) as never)).rejects.toThrow(
    'predict: expected options, received a promise',
  );
});
