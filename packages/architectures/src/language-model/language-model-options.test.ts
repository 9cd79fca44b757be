import { RandomKey, trainingContext } from '@polymodal/core';
import { loadPretrained } from '@polymodal/hub';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { languageModels } from '../language-models';
import { batchOf, folderOf, forward, readFixture } from '../testing/language-models';

// Made by tools/parity/slot_options.py with Python's `from_pretrained`.
const { ids, cases, rates } = readFixture<{
  ids: number[];
  cases: { fixture: string; adjust: Record<string, number>; config: object; logits: Output }[];
  rates: { fixture: string; option: string; names: string[] }[];
}>('options.json');

interface Output {
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

const load = (name: string, adjust: Record<string, unknown>) =>
  loadPretrained(languageModels, folderOf(name), { adjust });
const batch = () => batchOf([ids]);

beforeAll(() => tf.setBackend('cpu'));

describe('the options of language models', () => {
  it.each(cases)('$fixture with $adjust computes what Python does', async ({ fixture, adjust, config, logits }) => {
    const { model, configFile } = await load(fixture, adjust);
    expect(configFile).toMatchObject(config);
    const computed = forward(model, batch());
    expect(computed.shape).toEqual(logits.shape);
    const values = computed.dataSync();
    const errors = logits.values.map((value, at) => Math.abs(value - values[at]) / (1 + Math.abs(value)));
    expect(Math.max(...errors)).toBeLessThan(1e-4); // float32 through a layer
    model.dispose();
  });

  it.each(rates)('$option of $fixture is the rate that Python drops with', async ({ fixture, option, names }) => {
    const { model, configFile } = await load(fixture, { [option]: 0.375 });
    expect(configFile).toMatchObject(Object.fromEntries(names.map((name) => [name, 0.375])));
    const training = forward(model, batch(), trainingContext(RandomKey.from(2), model));
    expect([...training.dataSync()]).not.toEqual([...forward(model, batch()).dataSync()]);
    model.dispose();
  });

  it.each([
    [{ pooling: 'mean' }, /^pooling: expected an option that models of type "gpt2" have/],
    [{ prompt: 'query' }, /^prompt: expected an option that models of type "gpt2" have/],
    [{ numHiddenLayers: 99 }, /^numHiddenLayers: expected at most the \d+ layers that the model has, received 99/],
    [{ maxLength: 1e6 }, /^maxLength: expected at most the \d+ tokens/],
  ])('refuse %j', async (adjust, message) => {
    await expect(load('gpt2', adjust)).rejects.toThrow(message);
  });
});
