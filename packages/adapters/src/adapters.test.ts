import {
  adaptersOf,
  addAdapters,
  ConfigError,
  composeUnchecked,
  createRegistry,
  type Model,
  RandomKey,
  readParameters,
  trainingContext,
  UnknownNameError,
  uploadBatch,
} from '@polymodal/core';
import { text } from '@polymodal/encoder-text';
import { vision } from '@polymodal/encoder-vision';
import { fusion } from '@polymodal/fusion';
import { heads } from '@polymodal/heads';
import { assignGroups, lossGradients } from '@polymodal/trainer';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { adapters } from '.';

const registry = createRegistry([text, vision, fusion, heads, adapters]);
const config = {
  hiddenSize: 8,
  encoders: {
    note: { use: 'transformer', numHiddenLayers: 1, numAttentionHeads: 2, hiddenDropout: 0 },
    photo: { use: 'vit', imageSize: 8, patchSize: 4, numHiddenLayers: 1, numAttentionHeads: 2, hiddenDropout: 0 },
  },
  fusion: { use: 'masked-transformer', numHiddenLayers: 1, numAttentionHeads: 2, hiddenDropout: 0 },
  heads: { tone: { use: 'classification', labels: ['calm', 'angry'] } },
};
const attention = ['query', 'key', 'value', 'output'];
const photo = { data: Uint8Array.from({ length: 192 }, (_, i) => (37 * i) % 256), width: 8, height: 8, channels: 3 };
const samples = [{ note: 'thank you' }, { note: 'NO!', photo }, { photo }, { note: 'never mind' }];

/** With values for what adapters begin with zeros or ones of, so that they change something. */
function compose(...entries: object[]): Model {
  const model = composeUnchecked(registry, { ...config, adapters: entries });
  for (const [path, parameter] of model.parameters()) {
    if (!path.includes('.adapter.')) continue;
    const noise = RandomKey.from(path.length).fold(path).normal(parameter.size);
    const values = parameter.value.dataSync();
    parameter.assignValues(noise.map((value, i) => values[i] + 0.2 * value));
  }
  return model;
}

async function probabilities(model: Model, options = {}): Promise<number[][]> {
  const answers = await model.predict(samples, options);
  return answers.map(({ tone }) => [...(tone as { probabilities: Iterable<number> }).probabilities]);
}

function expectNear(actual: readonly number[][], expected: readonly number[][], tolerance = 1e-5): void {
  const values = actual.flat();
  const differences = expected.flat().map((value, i) => Math.abs(value - values[i]));
  expect(Math.max(...differences)).toBeLessThan(tolerance);
}

const everywhere = [...attention, 'tokenEmbeddings', 'projection'];

describe.each<[string, object]>([
  ['lora, of embeddings and convolutions too', { use: 'lora', targets: everywhere, rank: 2, alpha: 4 }],
  ['lora with dora and rslora', { use: 'lora', targets: attention, rank: 2, dora: true, rslora: true }],
  ['lora of which A stays', { use: 'lora', targets: attention, rank: 2, freezeA: true }],
  [
    'ia3',
    { use: 'ia3', targets: ['key', 'value', 'feedForward.output'].map(deep), feedForward: ['**.feedForward.output'] },
  ],
  ['bottleneck', { use: 'bottleneck', targets: ['**.attention.output'], bottleneckSize: 3 }],
])('%s', (_, entry) => {
  it('computes to the bit what the model does without, where it is out of use, and the same as before in use', async () => {
    const plain = await probabilities(composeUnchecked(registry, config));
    const model = compose(entry);
    const adaptedAnswers = await probabilities(model);
    expect(adaptedAnswers).not.toEqual(plain);
    model.useAdapters(false);
    expect(await probabilities(model)).toEqual(plain);
    model.useAdapters(true);
    expect(await probabilities(model)).toEqual(adaptedAnswers);
  });

  it('computes the same merged, and again when it is put back', async () => {
    const model = compose(entry);
    const expected = await probabilities(model);
    if ('bottleneckSize' in entry) {
      expect(() => model.mergeAdapters()).toThrow(/changes of weights/);
      expectNear(await probabilities(model), expected, 1e-9);
      return;
    }
    const { config: adaptedConfig } = model;
    const putBack = model.mergeAdapters({ keep: true });
    expect(adaptersOf(model).size).toBe(0);
    expectNear(await probabilities(model), expected);
    putBack();
    expect(model.config).toEqual(adaptedConfig);
    expectNear(await probabilities(model), expected);
    expect([...model.parameters()].some(([path, own]) => path.startsWith('encoders') && own.trainable)).toBe(true);
    expect(learningOf(model).every((path) => path.includes('.adapter.') || path.startsWith('heads'))).toBe(true);
  });

  it('alone gets gradients in the parts that it adapts', async () => {
    const model = compose(entry);
    const prepared = await Promise.all(
      samples.map((sample) => model.prepare({ ...sample, targets: { tone: 'calm' } })),
    );
    const parameters = assignGroups(model, [], { learningRate: 1, weightDecay: 0 });
    tf.tidy(() => {
      const batch = uploadBatch(model.collate(prepared));
      const made = lossGradients(model, parameters, batch, { key: RandomKey.from(0) });
      const paths = Object.keys(made!.gradients);
      expect(paths.sort()).toEqual(learningOf(model).sort());
      expect(paths.some((path) => path.endsWith('.loraA'))).toBe('rank' in entry && !('freezeA' in entry));
      expect(paths.filter((path) => !path.includes('.adapter.'))).toEqual([
        'heads.tone.classifier.bias',
        'heads.tone.classifier.weight',
      ]);
    });
  });
});

describe('several adapters', () => {
  const entries = ['formal', 'casual'].map((name) => ({ use: 'lora', name, targets: attention, rank: 2 }));

  it('are chosen by their names', async () => {
    const [formal, casual] = await Promise.all(entries.map((entry) => probabilities(compose(entry))));
    const model = compose(...entries);
    model.useAdapters('formal');
    expectNear(await probabilities(model), formal);
    model.useAdapters(['casual']);
    expectNear(await probabilities(model), casual);
    expect(() => model.useAdapters('formall')).toThrow(UnknownNameError);
  });

  it('go by rows in one batch', async () => {
    const model = compose(...entries);
    const alone: number[][][] = [];
    for (const which of ['formal', 'casual', false] as const) {
      model.useAdapters(which);
      alone.push(await probabilities(model));
    }
    model.useAdapters(true);
    const turns = ['formal', 'casual', false, 'casual'] as const;
    const adapter = (sample: object) => turns[samples.indexOf(sample as never)];
    for (const compile of [true, false]) {
      const answers = await probabilities(model, { adapter, compile });
      const expected = turns.map((which, row) => alone[which === 'formal' ? 0 : which === 'casual' ? 1 : 2][row]);
      expectNear(answers, expected);
    }
    await expect(probabilities(model, { adapter: () => 'casuall' })).rejects.toThrow(
      /sample 0, adapter.*"casuall".*"casual"/,
    );
  });

  it('are merged one after the other', async () => {
    const model = compose(...entries);
    const expected = await probabilities(model);
    const weights = await readParameters(model);
    const putBack = model.mergeAdapters({ keep: true });
    expectNear(await probabilities(model), expected);
    putBack();
    for (const [path, { data }] of await readParameters(model)) {
      expectNear([[...data]], [[...weights.get(path)!.data]], 1e-6);
    }
    expect(putBack).toThrow(/given adapters since, or these already/);
  });

  it('are not merged while one of them is out of use: the model would compute something else', () => {
    const model = compose(...entries);
    const { size } = adaptersOf(model);
    model.useAdapters('formal');
    expect(() => model.mergeAdapters()).toThrow(/mergeAdapters: .*received casual out of use/);
    expect(adaptersOf(model).size).toBe(size);
  });

  it('are added all or none', () => {
    const model = compose(entries[0]);
    const [paths, learning] = [[...adaptersOf(model).keys()], learningOf(model)];
    const fits = { use: 'lora', name: 'casual', targets: ['encoders.photo.**.query', 'fusion.**.query'] };
    expect(() => addAdapters(registry, model, [fits, { ...fits, targets: ['quary'] }])).toThrow(/adapters\.2\.targets/);
    expect([...adaptersOf(model).keys()]).toEqual(paths);
    expect(learningOf(model)).toEqual(learning);
    expect(model.config.adapters).toHaveLength(1);
    expect(() => addAdapters(registry, model, [null] as never)).toThrow(/adapters\.0: expected an object/);
    const putBack = model.mergeAdapters({ keep: true });
    expect(() => addAdapters(registry, model, [fits])).toThrow(/Put its adapters on again first/);
    putBack();
    expect(putBack).toThrow(/given adapters since, or these already/);
  });
});

describe('dropout', () => {
  it('is drawn anew with each key, in training alone', async () => {
    const entry = { use: 'lora', targets: attention, rank: 2 };
    const [without, dropping] = [compose(entry), compose({ ...entry, dropout: 0.5 })];
    expect(await probabilities(dropping)).toEqual(await probabilities(without));
    const sample = { ...samples[0], targets: { tone: 'calm' } };
    const lossOf = async (model: Model, seed: number) => {
      const batch = uploadBatch(model.collate([await model.prepare(sample)]));
      const { tone } = model.losses(batch, trainingContext(RandomKey.from(seed), model));
      return Object.values(tone)[0].sum.dataSync()[0];
    };
    expect(await lossOf(without, 0)).toBe(await lossOf(without, 1));
    expect(await lossOf(dropping, 0)).toBe(await lossOf(dropping, 0));
    expect(await lossOf(dropping, 0)).not.toBe(await lossOf(dropping, 1));
    expect(await lossOf(dropping, 0)).not.toBe(await lossOf(without, 0));
  });
});

describe('a config', () => {
  it.each<[string, object, RegExp]>([
    ['excludes all', { use: 'lora', targets: ['query'], exclude: ['query'] }, /adapters\.0\.exclude: .*fit all/],
    ['excludes nothing', { use: 'lora', targets: ['query'], exclude: ['qury'] }, /adapters\.0\.exclude\.0: .*"query"/],
    [
      'has dora of embeddings',
      { use: 'lora', targets: everywhere, dora: true },
      /adapters\.0\.dora: .*tokenEmbeddings/,
    ],
    ['freezes A of embeddings', { use: 'lora', targets: everywhere, freezeA: true }, /freezeA: .*tokenEmbeddings/],
    [
      'scales inputs of no target',
      { use: 'ia3', targets: ['key'], feedForward: ['value'] },
      /feedForward\.0: .*"value"/,
    ],
    ['has ia3 of embeddings', { use: 'ia3', targets: everywhere }, /targets: .*the embedding/],
    ['has a bottleneck of embeddings', { use: 'bottleneck', targets: everywhere }, /targets: .*the embedding/],
    ['has a name that is no name', { use: 'lora', targets: ['query'], name: 'a.b' }, /adapters\.0\.name: /],
  ])('is refused where it %s', (_, entry, message) => {
    expect(() => compose(entry)).toThrow(ConfigError);
    expect(() => compose(entry)).toThrow(message);
  });

  it('is refused where a map would have two adapters of one name', () => {
    const entry = { use: 'lora', name: 'formal', targets: ['query'] };
    expect(() => compose(entry, entry)).toThrow(/adapters\.1\.targets: .*which has one called formal/);
  });
});

function learningOf(model: Model): string[] {
  return [...model.parameters()].flatMap(([path, { trainable }]) => (trainable ? [path] : []));
}

function deep(path: string): string {
  return `**.${path}`;
}
