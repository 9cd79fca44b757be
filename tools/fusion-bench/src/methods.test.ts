import { modalitySubsets } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { applies, dispensable, methodModel, methodNames } from './methods';
import { withIrrelevant } from './tasks/with-irrelevant';
import { smallTask, smallTextTask } from './testing/small-tasks';

beforeAll(() => tf.ready());

describe.each(methodNames)('%s', (name) => {
  const task = smallTextTask();
  const slots = Object.keys(task.encoders);

  it('answers with every subset of the modalities that it says it may lack', async () => {
    const model = methodModel(name, task, 0);
    const needed = slots.filter((slot) => !dispensable(name, task).includes(slot));
    const subsets = modalitySubsets(slots).filter((subset) => needed.every((slot) => subset.includes(slot)));
    expect(subsets.length).toBeGreaterThanOrEqual(2);
    const [sample] = task.test;
    const samples = subsets.map((subset) => Object.fromEntries(subset.map((slot) => [slot, sample[slot]])));
    const answers = await model.predict(samples);
    for (const { answer } of answers) expect(task.labels).toContain((answer as { label: string }).label);
    model.dispose();
  });

  it('answers beside something irrelevant', async () => {
    const beside = withIrrelevant(task);
    const model = methodModel(name, beside, 0);
    const [{ answer }] = await model.predict(beside.test);
    expect(beside.labels).toContain((answer as { label: string }).label);
    model.dispose();
  });

  it('applies where there is what it needs', () => {
    expect(applies(name, task)).toBe(true);
    expect(applies(name, smallTask(0))).toBe(!['decoder', 'flamingo'].includes(name));
  });
});
