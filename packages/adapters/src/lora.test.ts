import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  adaptersOf,
  addModality,
  ConfigError,
  composeUnchecked,
  createRegistry,
  type Model,
  ModuleBuffer,
  readParameters,
  removeModality,
  UnknownNameError,
} from '@polymodal/core';
import { loadModel, saveModel } from '@polymodal/core/node';
import { text } from '@polymodal/encoder-text';
import { fusion } from '@polymodal/fusion';
import { heads } from '@polymodal/heads';
import { startFrom, train } from '@polymodal/trainer';
import { describe, expect, it, onTestFinished } from 'vitest';
import { adapters } from '.';

const registry = createRegistry([text, fusion, heads, adapters]);
const config = {
  hiddenSize: 8,
  encoders: {
    note: { use: 'transformer', numHiddenLayers: 2, numAttentionHeads: 2, hiddenDropout: 0 },
    title: { use: 'transformer', numHiddenLayers: 1, numAttentionHeads: 2, hiddenDropout: 0 },
  },
  fusion: { use: 'mean', numHiddenLayers: 1, hiddenDropout: 0 },
  heads: { tone: { use: 'classification', labels: ['calm', 'angry'] } },
};
const lora = { use: 'lora', targets: ['encoders.note.**.query', 'encoders.note.**.value'], rank: 2, alpha: 6 };
const samples = [
  { note: 'thank you', targets: { tone: 'calm' } },
  { note: 'NO!', title: 'no', targets: { tone: 'angry' } },
  { title: 'yes', targets: { tone: 'calm' } },
];

const compose = (...entries: object[]) => composeUnchecked(registry, { ...config, adapters: entries });

async function trained(entry: object): Promise<Model> {
  const model = compose(entry);
  await train(model, { data: samples, epochs: 4, batchSize: 3, learningRate: 0.05, progress: false });
  return model;
}

/** Everything that a model computes of the samples. */
async function probabilities(model: Model): Promise<number[]> {
  const answers = await model.predict(samples.map(({ targets: _, ...sample }) => sample));
  return answers.flatMap(({ tone }) => [...(tone as { probabilities: Iterable<number> }).probabilities]);
}

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'polymodal-lora-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, 'model');
}

describe('lora', () => {
  it('changes nothing at first, to the bit, and leaves the other parameters what they were', async () => {
    const [plain, adapted] = [composeUnchecked(registry, config), compose(lora)];
    expect([...adaptersOf(adapted).keys()]).toEqual(
      [0, 1].flatMap((layer) =>
        ['query', 'value'].map((name) => `encoders.note.layers.${layer}.attention.${name}.adapter`),
      ),
    );
    expect(await probabilities(adapted)).toEqual(await probabilities(plain));
    const own = [...(await readParameters(adapted))].filter(([path]) => !path.includes('.adapter.'));
    expect(own).toEqual([...(await readParameters(plain))]);
  });

  it('learns beside frozen weights of the part that it adapts; other parts learn as ever', async () => {
    const before = new Map([...(await readParameters(compose(lora)))].map(([path, { data }]) => [path, [...data]]));
    const model = await trained(lora);
    for (const [path, { data }] of await readParameters(model)) {
      const isFrozen = path.startsWith('encoders.note') && !path.includes('.adapter.');
      if (path === 'heads.tone.temperature') continue; // a buffer, which no training changes
      if (!isFrozen && path.endsWith('key.bias')) continue; // shifts all logits of a query alike: its gradient is rounding
      if (isFrozen) expect([path, [...data]]).toEqual([path, before.get(path)]);
      else expect([path, [...data]]).not.toEqual([path, before.get(path)]);
    }
  });

  it('computes W x + α / r · B A x, and is merged into W', async () => {
    const model = await trained(lora);
    const path = 'encoders.note.layers.1.attention.value';
    const before = await readParameters(model);
    const [w, a, b] = ['weight', 'adapter.loraA', 'adapter.loraB'].map((name) => before.get(`${path}.${name}`)!.data);
    const expected = await probabilities(model);
    model.mergeAdapters();
    const after = (await readParameters(model)).get(`${path}.weight`)!.data;
    for (let out = 0; out < 8; out++) {
      for (let into = 0; into < 8; into++) {
        const change = 3 * (b[2 * out] * a[into] + b[2 * out + 1] * a[8 + into]);
        expect(after[8 * out + into]).toBeCloseTo(w[8 * out + into] + change, 5);
      }
    }
    (await probabilities(model)).forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i], 5);
    });
    expect(model.config).toEqual(config);
    expect(adaptersOf(model).size).toBe(0);
    expect(frozen(model)).toEqual([]); // as of a model without adapters
  });

  it('is saved with the model and loaded again; merged, the model needs no adapters', async () => {
    const model = await trained(lora);
    const expected = await probabilities(model);
    const folder = temporaryFolder();
    await saveModel(model, folder);
    expect(await probabilities(await loadModel(registry, folder))).toEqual(expected);
    model.mergeAdapters();
    await saveModel(model, folder);
    const merged = await loadModel(createRegistry([text, fusion, heads]), folder);
    expect(await probabilities(merged)).toEqual(await probabilities(model));
  });

  it('is put beside the weights of a model that was trained without, and may be all that a stage trains', async () => {
    const plain = composeUnchecked(registry, config);
    const directory = temporaryFolder();
    await train(plain, { data: samples, epochs: 1, directory: join(directory, 'plain'), progress: false });
    const adapted = compose({ ...lora, freeze: false });
    const { new: added, left } = await startFrom(adapted, join(directory, 'plain'), { mayBeNew: ['**.adapter'] });
    expect(added.every((path) => path.includes('.adapter.'))).toBe(true);
    expect(left).toEqual([]);
    expect(await probabilities(adapted)).toEqual(await probabilities(plain));
    const before = await readParameters(adapted);
    await train(adapted, { data: samples, train: ['**.adapter'], steps: 2, warmup: 0, progress: false });
    for (const [path, { data }] of await readParameters(adapted)) {
      const isSame = data.every((value, i) => Object.is(value, before.get(path)!.data[i]));
      expect([path, isSame]).toEqual([path, !path.includes('.adapter.')]);
    }
  });

  it('stays on what it adapts where a modality comes, whose parts learn, and goes', async () => {
    const model = await trained(lora);
    const expected = await probabilities(model);
    const { model: wider, newParameters } = await addModality(registry, model, 'reply', config.encoders.title);
    expect(await probabilities(wider)).toEqual(expected);
    expect([...adaptersOf(wider).keys()]).toEqual([...adaptersOf(model).keys()]);
    const learns = (of: Model, path: string) => of.parameters().get(path)!.trainable;
    for (const path of wider.parameters().keys()) {
      expect([path, learns(wider, path)]).toEqual([path, newParameters.includes(path) || learns(model, path)]);
    }
    const { model: back } = await removeModality(registry, wider, 'reply');
    expect([...(await readParameters(back))]).toEqual([...(await readParameters(model))]);
    await expect(removeModality(registry, wider, 'note')).rejects.toThrow(/adapters\.0\.targets\.0: /);
  });

  it('leaves what comes into a part that it froze free to learn', async () => {
    const model = compose({ ...lora, targets: ['fusion.mlp.**'] });
    const learns = (of: Model) => [...of.fusion.parameters()].filter(([, { trainable }]) => trainable);
    expect(learns(model).every(([path]) => path.includes('.adapter.'))).toBe(true);
    const { model: wider } = await addModality(registry, model, 'reply', config.encoders.title);
    const further = learns(wider).flatMap(([path]) => (path.includes('.adapter.') ? [] : [path]));
    expect(further).toEqual([...wider.fusion.parameters().keys()].filter((path) => path.split('.').includes('reply')));
    expect(further.length).toBeGreaterThan(0);
  });

  it('is refused where its pattern fits maps of a modality that comes, which have yet to learn', async () => {
    const model = compose({ ...lora, targets: ['query'] });
    await expect(addModality(registry, model, 'reply', config.encoders.title)).rejects.toThrow(
      /addModality, adapters: .*encoders\.reply\..*mergeAdapters/,
    );
    model.mergeAdapters();
    await addModality(registry, model, 'reply', config.encoders.title);
  });

  it('lets everything learn where that is asked for', () => {
    const model = compose({ ...lora, freeze: false });
    expect(frozen(model)).toEqual([]);
  });

  it.each<[string, object, RegExp, new (...args: never[]) => Error]>([
    [
      'nothing of that name',
      { ...lora, targets: ['qeury'] },
      /adapters\.0\.targets\.0: .*"qeury".*"query"/,
      ConfigError,
    ],
    [
      'nothing of the last name',
      { ...lora, targets: ['**.qury'] },
      /"\*\*\.qury", which fits none\. Did you mean "query"\? Known: [a-zA-Z, 0-9]+\.$/,
      ConfigError,
    ],
    ['no linear map', { ...lora, targets: ['encoders.note.norm'] }, /fits none/, ConfigError],
    ['another kind', { ...lora, use: 'lorra' }, /adapters\.0\.use: .*"lorra".*"lora"/, UnknownNameError],
    ['an unknown option', { ...lora, ranks: 3 }, /adapters\.0: .*"ranks".*"rank"/, ConfigError],
  ])('is refused for %s', (_, entry, message, Class) => {
    expect(() => compose(entry)).toThrow(Class);
    expect(() => compose(entry)).toThrow(message);
  });

  it('is refused on a map that has one', () => {
    expect(() => compose(lora, { ...lora, targets: ['query'] })).toThrow(/adapters\.1\.targets: .*which has one/);
  });
});

/** What does not learn and might. */
function frozen(model: Model): string[] {
  return [...model.parameters()].flatMap(([path, own]) => (own.trainable || own instanceof ModuleBuffer ? [] : [path]));
}
