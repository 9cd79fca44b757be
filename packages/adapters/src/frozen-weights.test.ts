import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  BackendError,
  ConfigError,
  composeUnchecked,
  createRegistry,
  type Model,
  readParameters,
  StateError,
  setTrainable,
  useBackend,
} from '@polymodal/core';
import { loadModel, saveModel } from '@polymodal/core/node';
import { text } from '@polymodal/encoder-text';
import { fusion } from '@polymodal/fusion';
import { heads } from '@polymodal/heads';
import { train } from '@polymodal/trainer';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { adapters } from '.';

const registry = createRegistry([text, fusion, heads, adapters]);
const config = {
  hiddenSize: 8,
  encoders: { note: { use: 'transformer', numHiddenLayers: 2, numAttentionHeads: 2, hiddenDropout: 0 } },
  fusion: { use: 'mean', numHiddenLayers: 1, hiddenDropout: 0 },
  heads: { tone: { use: 'classification', labels: ['calm', 'angry'] } },
};
const lora = { use: 'lora', targets: ['encoders.note.**.query', 'encoders.note.**.value'], rank: 2 };
const rounded = { ...lora, frozenWeights: 'int8' };
const compose = (...entries: object[]) => composeUnchecked(registry, { ...config, adapters: entries });
const samples = [
  { note: 'thank you', targets: { tone: 'calm' } },
  { note: 'NO!', targets: { tone: 'angry' } },
];
const learn = (model: Model) => train(model, { data: samples, epochs: 6, learningRate: 0.05, progress: false });

async function probabilities(model: Model): Promise<number[]> {
  const answers = await model.predict(samples.map(({ note }) => ({ note })));
  return answers.flatMap(({ tone }) => [...(tone as { probabilities: Iterable<number> }).probabilities]);
}

async function valuesOf(model: Model): Promise<Map<string, number[]>> {
  return new Map([...(await readParameters(model))].map(([path, { data }]) => [path, [...data]]));
}

const heldInInt8 = (model: Model) =>
  [...model.parameters()].flatMap(([path, { precision }]) => (precision === 'int8' ? [path] : []));

beforeAll(() => useBackend('onnx'));
afterAll(() => useBackend('cpu'));

describe('weights held in int8 beside adapters', () => {
  it('are those of all linear maps of the part, each rounded by a 254th of the largest of its row at most', async () => {
    const [plain, model] = [await valuesOf(compose(lora)), compose(rounded)];
    const names = ['query', 'key', 'value', 'output'].map((name) => `attention.${name}`);
    const maps = [...names, 'feedForward.intermediate', 'feedForward.output'];
    const expected = [0, 1].flatMap((layer) => maps.map((map) => `encoders.note.layers.${layer}.${map}.weight`));
    expect(heldInInt8(model).sort()).toEqual(expected.sort());
    for (const [path, values] of await valuesOf(model)) {
      const { shape, precision } = model.parameters().get(path)!;
      const width = values.length / (shape[0] ?? 1);
      values.forEach((value, i) => {
        const row = plain.get(path)!.slice(Math.floor(i / width) * width, Math.floor(i / width + 1) * width);
        const allowed = precision === 'int8' ? (Math.max(...row.map(Math.abs)) / 254) * 1.0001 : 0;
        expect(Math.abs(value - plain.get(path)![i])).toBeLessThanOrEqual(allowed);
      });
    }
  });

  it('stay to the bit, while adapters learn about what they do beside float32', async () => {
    const [inFloats, model] = [compose(lora), compose(rounded)];
    const before = await valuesOf(model);
    const losses = [await learn(inFloats), await learn(model)].map(({ epochs }) => epochs.map(({ loss }) => loss));
    expect(losses[1].at(-1)).toBeLessThan(losses[1][0] - 0.01);
    losses[1].forEach((loss, epoch) => {
      expect(Math.abs(loss - losses[0][epoch])).toBeLessThan(0.005); // weights are off by a hundredth
    });
    const after = await valuesOf(model);
    for (const path of heldInInt8(model)) expect(after.get(path)).toEqual(before.get(path));
  });

  it('are what the model computes with to the bit after it was saved and loaded', async () => {
    const model = compose(rounded);
    await learn(model);
    const folder = mkdtempSync(join(tmpdir(), 'polymodal-int8-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    await saveModel(model, join(folder, 'model'));
    const loaded = await loadModel(registry, join(folder, 'model'));
    expect(heldInInt8(loaded)).toEqual(heldInInt8(model));
    expect(await valuesOf(loaded)).toEqual(await valuesOf(model));
    expect(await probabilities(loaded)).toEqual(await probabilities(model));
  });

  it('are float32 once adapters are merged, and the same integers when these are put back', async () => {
    for (const entry of [
      rounded,
      { ...rounded, dora: true },
      { use: 'ia3', targets: lora.targets, frozenWeights: 'int8' },
    ]) {
      const model = compose(entry);
      await learn(model);
      const [values, expected] = [await valuesOf(model), await probabilities(model)];
      const putBack = model.mergeAdapters({ keep: true });
      expect(heldInInt8(model)).toEqual([]);
      (await probabilities(model)).forEach((value, i) => {
        expect(value).toBeCloseTo(expected[i], 5);
      });
      putBack();
      expect(heldInInt8(model).length).toBe(12);
      expect(await valuesOf(model)).toEqual(values);
      expect(await probabilities(model)).toEqual(expected);
    }
  });

  it('are refused where they are to learn, and on backends without such tensors', async () => {
    expect(() => compose({ ...rounded, freeze: false })).toThrow(ConfigError);
    expect(() => compose({ ...rounded, freeze: false })).toThrow(
      /adapters\.0\.frozenWeights: .*"int8" with freeze: false/,
    );
    expect(() => setTrainable(compose(rounded), ['encoders'], true)).toThrow(StateError);
    await useBackend('cpu');
    expect(() => compose(rounded)).toThrow(BackendError);
    await useBackend('onnx');
  });
});
