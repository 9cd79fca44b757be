import {
  addModality,
  ConfigError,
  composeUnchecked,
  createRegistry,
  defineEncoder,
  definePlugin,
  type Model,
  RandomKey,
  readParameters,
  removeModality,
  type Sample,
  swapEncoder,
  UnknownNameError,
} from '@polymodal/core';
import { CausalReadings, referencePlugin } from '@polymodal/testing';
import { describe, expect, it } from 'vitest';
import { fusion } from './plugin';

const [reference] = referencePlugin.encoders!;
const registry = createRegistry([
  referencePlugin,
  fusion,
  definePlugin({
    name: 'wide',
    specificationVersion: 'v1',
    encoders: [
      defineEncoder({
        ...reference,
        name: 'wide', // than the model
        create: (config, setup) => reference.create(config, { ...setup, hiddenSize: 12 }),
      }),
      defineEncoder({ ...reference, name: 'causal', create: (_, setup) => new CausalReadings(setup.hiddenSize) }),
    ],
  }),
]);

const layers = { numHiddenLayers: 1, intermediateSize: 12 };
const heads = { numAttentionHeads: 2 };
const interactions = { image: { text: 0.5, audio: 0.25 }, text: { image: 0 }, audio: { text: 0.75 } };
/** Options of each fusion; `attends` and `interactions` where a slot is removed alone, since they name slots. */
const cases: Readonly<Record<string, { readonly options: object; readonly ofAll?: object }>> = {
  'masked-transformer': { options: { ...layers, ...heads, learnInteractions: true }, ofAll: { interactions } },
  early: {
    options: { ...layers, ...heads, positions: ['text'] },
    ofAll: { interactions, scheduleInteractions: { to: { text: { image: 0.5, audio: 0.25 } }, steps: 4 } },
  },
  hierarchical: { options: { ...layers, ...heads, experts: true } },
  bottleneck: { options: heads },
  'cross-attention': {
    options: { ...heads, reportUsage: true, learnInteractions: true },
    ofAll: { attends: { image: ['text', 'audio'], text: ['audio'], audio: ['image'] }, interactions },
  },
  film: { options: { condition: 'text' } },
  concat: { options: layers },
  mean: { options: layers },
  weighted: { options: layers },
  gated: { options: layers },
  tensor: { options: { ...layers, vectorSize: 2 } },
  'low-rank': { options: layers },
  perceiver: { options: { ...layers, ...heads, numLatents: 3 } },
};

/** Those in which a constant stood for what was absent: without it, sums and products have fewer terms. */
const rounded = ['concat', 'gated', 'tensor', 'low-rank'];

function learned(use: string, slots: readonly string[], options: object): Model {
  const model = composeUnchecked(registry, {
    hiddenSize: 8,
    encoders: Object.fromEntries(slots.map((slot) => [slot, { use: 'reference' }])),
    fusion: { use, ...options },
    heads: { amount: { use: 'reference' } },
  });
  fill(model, [...model.parameters().keys()]);
  return model;
}

/** Gives parameters values by their paths, as learning would. */
function fill(model: Model, paths: readonly string[]): void {
  for (const path of paths) {
    const parameter = model.parameters().get(path)!;
    parameter.assignValues(
      RandomKey.from(3)
        .fold(path)
        .normal(parameter.size)
        .map((value) => 0.4 * value),
    );
  }
}

/** One sample with each combination of these slots. */
function everySubset(slots: readonly string[]): Sample[] {
  const subsets = Array.from({ length: 2 ** slots.length - 1 }, (_, index) =>
    slots.filter((_, bit) => ((index + 1) >> bit) % 2 === 1),
  );
  return subsets.map((own) =>
    Object.fromEntries(
      own.map((slot, index) => [
        slot,
        RandomKey.from(9)
          .fold(slot)
          .normal(6 + 3 * index),
      ]),
    ),
  );
}

const answers = async (model: Model, samples: readonly Sample[]) =>
  (await model.predict(samples)).map(({ amount }) => amount as number);

async function otherThan(model: Model, former: Model): Promise<string[]> {
  const before = await readParameters(former);
  return [...(await readParameters(model))].flatMap(([path, { data }]) => {
    const was = before.get(path)?.data;
    return was?.length === data.length && data.every((value, i) => Object.is(value, was[i])) ? [] : [path];
  });
}

function largestChange(after: readonly number[], before: readonly number[]): number {
  return Math.max(...after.map((value, index) => Math.abs(value - before[index])));
}

it('every fusion of the package is held to what is said of slots', () => {
  expect([...Object.keys(cases), 'decoder', 'flamingo', 'none'].sort()).toEqual(
    fusion.fusions!.map(({ name }) => name).sort(),
  );
});

const mutual: (typeof cases)[string] = { options: { condition: 'text', mutual: true } };

describe.each([...Object.entries(cases), ['film', mutual] as const])('%s', (use, { options, ofAll }) => {
  const pairs = everySubset(['image', 'text']);

  it('takes in a modality that changes nothing, and only samples that have it once it has learned', async () => {
    const former = learned(use, ['image', 'text'], options);
    const before = await answers(former, pairs);
    const { model, newParameters, reshapedParameters, leftParameters } = await addModality(registry, former, 'audio', {
      use: 'wide',
    });
    expect(newParameters.every((path) => path.split('.').includes('audio'))).toBe(true);
    expect([reshapedParameters, leftParameters]).toEqual([[], []]);
    expect(await otherThan(model, former)).toEqual(newParameters);
    expect(await answers(model, pairs)).toEqual(before);

    const { audio } = everySubset(['audio'])[0];
    const withAudio = pairs.map((sample) => ({ ...sample, audio }));
    expect(largestChange(await answers(model, withAudio), before)).toBeLessThanOrEqual(1e-7);
    expect(await answers(model, [{ audio }])).toEqual([expect.any(Number)]);

    fill(model, newParameters);
    expect(await answers(model, pairs)).toEqual(before);
    expect(largestChange(await answers(model, withAudio), before)).toBeGreaterThan(1e-3);
    expect(await answers(former, pairs)).toEqual(before);

    const { model: again } = await removeModality(registry, model, 'audio');
    expect(await answers(again, pairs)).toEqual(before);
    expect(await otherThan(again, former)).toEqual([]);
  });

  it.each(['image', 'text', 'audio'])('answers without %s as before once that is removed', async (slot) => {
    const slots = ['image', 'text', 'audio'];
    const former = learned(use, slots, { ...options, ...ofAll });
    const subsets = everySubset(slots.filter((other) => other !== slot));
    const before = await answers(former, subsets);
    const isNamed = use === 'film' && slot === 'text';
    if (isNamed) {
      await expect(removeModality(registry, former, slot)).rejects.toThrow(/fusion\.condition: .*"text"/);
      await expect(removeModality(registry, former, slot)).rejects.toThrow(UnknownNameError);
      return;
    }
    const { model, newParameters } = await removeModality(registry, former, slot);
    expect(newParameters).toEqual([]);
    expect(model.modalities).toEqual(slots.filter((other) => other !== slot));
    const after = await answers(model, subsets);
    if (rounded.includes(use)) expect(largestChange(after, before)).toBeLessThanOrEqual(1e-6);
    else expect(after).toEqual(before);
    const config = JSON.parse(JSON.stringify(model.config));
    expect([...composeUnchecked(registry, config).parameters().keys()]).toEqual([...model.parameters().keys()]);
  });

  it.each(['image', 'text'])('keeps all but what belongs to %s where another encoder takes its place', async (slot) => {
    const former = learned(use, ['image', 'text', 'audio'], { ...options, ...ofAll });
    const others = ['image', 'text', 'audio'].filter((other) => other !== slot);
    const before = await answers(former, everySubset(others));
    const { model, newParameters, reshapedParameters } = await swapEncoder(registry, former, slot, { use: 'wide' });
    expect(newParameters.every((path) => path.split('.').includes(slot))).toBe(true);
    const same = [...newParameters, ...reshapedParameters];
    for (const path of await otherThan(model, former)) expect(same).toContain(path);
    expect(await answers(model, everySubset(others))).toEqual(before);
    expect(await answers(model, everySubset([slot, ...others]))).toEqual(Array(7).fill(expect.any(Number)));
  });
});

it.each(['masked-transformer', 'mean'])('%s keeps one modality for what was added to it', async (use) => {
  const former = learned(use, ['image'], cases[use].options);
  const { model } = await addModality(registry, former, 'audio', { use: 'reference' });
  await expect(removeModality(registry, model, 'image')).rejects.toThrow(
    /^fusion\.(gate|added): expected a modality beside those that are added, .* received a model with audio alone\. .*startFrom/,
  );
});

it.each([
  ['decoder', {}],
  ['flamingo', { numAttentionHeads: 2 }],
])('%s lets a modality go, and none in', async (use, options) => {
  const model = composeUnchecked(registry, {
    hiddenSize: 8,
    encoders: { image: { use: 'reference' }, text: { use: 'causal' }, audio: { use: 'reference' } },
    fusion: { use, ...options },
    heads: { amount: { use: 'reference' } },
  });
  fill(model, [...model.parameters().keys()]);
  const texts = everySubset(['text', 'audio']).filter(({ text }) => text);
  const { model: fewer } = await removeModality(registry, model, 'image');
  expect(await answers(fewer, texts)).toEqual(await answers(model, texts));
  await expect(removeModality(registry, model, 'text')).rejects.toThrow(ConfigError);
  const able = Object.keys(cases)[0];
  await expect(addModality(registry, model, 'signal', { use: 'reference' })).rejects.toThrow(
    new RegExp(`addModality, fusion: .*"${use}".*these do: .*${able}`),
  );
});

it('none is refused where a head would read vectors of another width', async () => {
  const model = learned('none', ['image', 'text'], {});
  await expect(addModality(registry, model, 'audio', { use: 'reference' })).rejects.toThrow(
    /heads\.amount\.output\.weight, which would go from \[.*16.*\] to \[.*24.*\]/,
  );
});

it.each([
  ['masked-transformer', { ...layers, ...heads, missing: 'embedding' }],
  ['concat', { ...layers, missing: 'embedding' }],
])('%s keeps a modality for which an embedding stands where it is absent', async (use, options) => {
  const model = learned(use, ['image', 'text', 'audio'], options);
  await expect(removeModality(registry, model, 'audio')).rejects.toThrow(/fusion\.missing: .*"mask".*"embedding"/);

  const samples = everySubset(['image', 'text', 'audio']);
  const before = await answers(model, samples);
  const { model: wider, newParameters } = await addModality(registry, model, 'signal', { use: 'reference' });
  fill(wider, newParameters);
  expect(await answers(wider, samples)).toEqual(before); // nothing stands for what was added
});

it.each([
  ['bottleneck', heads],
  ['cross-attention', heads],
  ['hierarchical', { ...layers, ...heads }],
  ['film', { condition: 'text' }],
])('%s refuses an encoder by whose depth it would work after other layers', async (use, options) => {
  const model = learned(use, ['image', 'text', 'audio'], options);
  const deep = { use: 'reference', numHiddenLayers: 3 };
  await expect(swapEncoder(registry, model, 'image', deep)).rejects.toThrow(/deepest encoder of 2 layers.*of 3/);
  const { model: deeper } = await addModality(registry, model, 'signal', deep); // which is no part of it
  const samples = everySubset(['image', 'text', 'audio']);
  expect(await answers(deeper, samples)).toEqual(await answers(model, samples));
});
