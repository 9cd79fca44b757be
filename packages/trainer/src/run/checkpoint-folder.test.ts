import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { readParameters } from '@polymodal/core';
import { holdFolder } from '@polymodal/core/node';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { AdamW } from '../optimizers/adamw';
import { assignGroups } from '../optimizers/parameter-groups';
import { temporaryFolder } from '../testing/temporary-folder';
import { tinyModel } from '../testing/tiny-model';
import { CheckpointFolder } from './checkpoint-folder';
import { startOf } from './position';

/** A model and its optimiser, some steps on. */
function trained(seed: number, steps: number) {
  const model = tinyModel({ seed });
  const parameters = assignGroups(model, [], { learningRate: 0.1, weightDecay: 0.1 });
  const optimizer = new AdamW(parameters, { betas: [0.9, 0.999], epsilon: 1e-8 });
  for (let step = 0; step < steps; step++) {
    const gradients = parameters.map(({ path, parameter }) => [path, tf.fill([...parameter.shape], step + 1)]);
    optimizer.update(Object.fromEntries(gradients), { learningRate: (full) => full });
  }
  return { model, optimizer };
}

const moments = async (optimizer: AdamW) =>
  Promise.all(optimizer.moments().map(async ({ read }) => [...(await read())]));

describe('checkpoints in shards', () => {
  beforeAll(() => tf.setBackend('cpu'));

  it('are read to the bit, and whole or not at all', async () => {
    const held = await holdFolder(join(temporaryFolder(), 'run'));
    const checkpoints = new CheckpointFolder(held, 100); // bytes: a few numbers a file
    const { model, optimizer } = trained(1, 3);
    await checkpoints.save(model, { optimizer }, { ...startOf(['data']), step: 3 });
    const shards = readdirSync(held.path('checkpoints')).filter((name) => name.endsWith('.safetensors'));
    expect(shards.length).toBeGreaterThan(2);
    expect(shards[0]).toBe(`000000003-00001-of-0000${shards.length}.safetensors`);

    const other = trained(2, 1);
    const position = await checkpoints.restore(
      other.model,
      () => other,
      () => expect.fail('it is whole'),
    );
    expect(position?.step).toBe(3);
    expect(await readParameters(other.model)).toEqual(await readParameters(model));
    expect(await moments(other.optimizer)).toEqual(await moments(optimizer));
    expect(other.optimizer.bundles).toEqual(optimizer.bundles);

    rmSync(join(held.path('checkpoints'), shards[1]));
    const untouched = trained(2, 1);
    const before = await readParameters(untouched.model);
    await expect(
      checkpoints.restore(
        untouched.model,
        () => untouched,
        () => {},
      ),
    ).rejects.toThrow(shards[1]);
    expect(await readParameters(untouched.model)).toEqual(before);
    await held.release();
  });
});
