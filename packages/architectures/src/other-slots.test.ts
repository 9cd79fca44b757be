import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  addModality,
  ConfigError,
  composeUnchecked,
  createRegistry,
  DuplicateNameError,
  encoderOfOne,
  type Model,
  NotFittedError,
  readParameters,
  removeModality,
  type Sample,
  StateError,
  swapEncoder,
  UnknownNameError,
} from '@polymodal/core';
import { loadModel, saveModel } from '@polymodal/core/node';
import { text } from '@polymodal/encoder-text';
import { pretrainedText } from '@polymodal/encoder-text/pretrained';
import { fusion } from '@polymodal/fusion';
import { heads } from '@polymodal/heads';
import { composePretrained, pretrainedPart } from '@polymodal/hub';
import { referencePlugin } from '@polymodal/testing';
import { train } from '@polymodal/trainer';
import { describe, expect, it, onTestFinished } from 'vitest';

const registry = createRegistry([text, fusion, { ...referencePlugin, fusions: [], heads: [] }, heads]);
const withPretrained = createRegistry([...registry.plugins, pretrainedText]);
const small = { numHiddenLayers: 1, numAttentionHeads: 2, intermediateSize: 12, hiddenDropout: 0 };
const note = { use: 'transformer', maxLength: 16, ...small };
const config = {
  hiddenSize: 8,
  encoders: {
    note,
    titles: { ...note, several: { most: 3 } },
    measured: { use: 'table', columns: 2 },
  },
  fusion: { use: 'masked-transformer', ...small },
  heads: { tone: { use: 'expert-classification', labels: ['calm', 'angry'] } },
};
const data = Array.from({ length: 8 }, (_, index): Sample => {
  const isCalm = index % 2 === 0;
  return {
    note: isCalm ? [{ note: 'thanks ' }, { titles: 'all' }, { note: '!' }] : 'NO!',
    ...(index % 3 > 0 && { titles: isCalm ? undefined : ['no', 'never'].slice(index % 2) }),
    measured: [index, isCalm ? 20 : null],
    targets: { tone: isCalm ? 'calm' : 'angry' },
  };
});
const samples: Sample[] = [
  ...data.map(({ targets: _, ...sample }) => sample),
  { note: 'fine' },
  { titles: ['a', 'b', 'c'] },
  { measured: [1, null] },
  { titles: 'no', measured: [3, 4] },
];

const brief = { batchSize: 4, epochs: 2, learningRate: 0.02, warmup: 0, progress: false } as const;

async function trained(own: object = config): Promise<Model> {
  const model = composeUnchecked(registry, own);
  await train(model, { data: data.map((sample) => readable(sample, model)), ...brief });
  return model;
}

/** What a model with fewer slots can read of a sample. */
function readable({ targets, ...raw }: Sample, { modalities }: Model): Sample {
  const own = Object.entries(raw).filter(([slot]) => modalities.includes(slot));
  const values = own.map(([slot, value]) => [slot, slot === 'note' && Array.isArray(value) ? 'thanks' : value]);
  return { ...Object.fromEntries(modalities.includes('titles') ? own : values), ...(targets && { targets }) };
}

/** The samples that a model with fewer slots can read something of. */
function readableBy(model: Model): Sample[] {
  return samples.map((sample) => readable(sample, model)).filter((sample) => Object.keys(sample).length > 0);
}

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'polymodal-slots-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, 'model');
}

async function reloaded(model: Model): Promise<Model> {
  const folder = temporaryFolder();
  await saveModel(model, folder);
  return loadModel(registry, folder);
}

/** Everything that a model says of samples, to the bit. */
const said = async (model: Model, of = samples) =>
  (await model.predict(of)).map(({ tone }) => {
    const { probabilities } = tone as { probabilities: Iterable<number> };
    return [...probabilities];
  });

describe('a model that was loaded', () => {
  it('takes in a modality, which learns alone: all others answer as before, to the bit', async () => {
    const former = await reloaded(await trained());
    const before = await said(former);
    const { model, newParameters } = await addModality(registry, former, 'reply', note);
    const unlearned = await readParameters(model);
    const withReply = samples.map((sample) => ({ ...sample, reply: 'oh' }));
    const change = (await said(model, withReply)).flatMap((own, row) =>
      own.map((p, i) => Math.abs(p - before[row][i])),
    );
    expect(Math.max(...change)).toBeLessThanOrEqual(1e-7);

    const replies = data.map((sample) => ({ ...sample, reply: sample.targets!.tone === 'calm' ? 'ok' : 'why' }));
    await train(model, { data: replies, ...brief, train: newParameters });
    for (const [path, { data: values }] of await readParameters(model)) {
      const isSame = values.every((value, i) => Object.is(value, unlearned.get(path)!.data[i]));
      if (!path.endsWith('key.bias')) expect([path, isSame]).toEqual([path, !newParameters.includes(path)]);
      else if (isSame)
        continue; // shifts all logits of a query alike: its gradient is rounding
      else expect(newParameters).toContain(path);
    }
    expect(await said(model)).toEqual(before);
    expect(await said(model, withReply)).not.toEqual(before);

    const again = await reloaded(model);
    expect(await said(again, withReply)).toEqual(await said(model, withReply));
    expect(again.config).toEqual(model.config);
    const { model: back } = await removeModality(registry, again, 'reply');
    expect(await said(await reloaded(back))).toEqual(before);
  });

  it('lets a modality go, with what its processor learned, and keeps that of others', async () => {
    const former = await reloaded(await trained());
    const { model, leftParameters } = await removeModality(registry, former, 'titles');
    expect(leftParameters.every((path) => path.split('.').includes('titles'))).toBe(true);
    const others = readableBy(model);
    expect(await said(await reloaded(model), others)).toEqual(await said(former, others));
    const { model: less } = await removeModality(registry, model, 'measured');
    expect(less.modalities).toEqual(['note']);
    await expect(removeModality(registry, less, 'note')).rejects.toThrow(/other modalities too.*"note" alone/);
  });

  it('has another encoder in a slot, from a config or with what it learned elsewhere', async () => {
    const former = await reloaded(await trained());
    const without = samples.flatMap(({ note: _, ...sample }) => (Object.keys(sample).length > 0 ? [sample] : []));
    const expected = await said(former, without);
    const wider = { ...note, hiddenSize: 12, numHiddenLayers: 2 };
    const { model, newParameters, leftParameters } = await swapEncoder(registry, former, 'note', wider);
    expect(await said(await reloaded(model), without)).toEqual(expected);
    const encoders = [...model.encoders.note.parameters().keys()].map((path) => `encoders.note.${path}`);
    expect(newParameters).toEqual(expect.arrayContaining(encoders));
    expect(newParameters.filter((path) => !path.startsWith('encoders.note.')).sort()).toEqual([
      'fusion.modalities.note.projection.weight',
      'heads.tone.experts.note.weight',
    ]);
    expect(leftParameters.every((path) => path.startsWith('encoders.note.'))).toBe(true);

    const donor = await trained({ ...config, encoders: { note: wider } });
    const { model: taught } = await swapEncoder(registry, former, 'note', donor);
    const [own, learned] = [await readParameters(taught.encoders.note), await readParameters(donor.encoders.note)];
    expect([...own]).toEqual([...learned]);
    expect(await said(taught, without)).toEqual(expected);
  });
});

it('a slot of several values goes on to take them with another encoder, whoever it is of', async () => {
  const former = composeUnchecked(registry, config);
  const titles = [{ titles: ['no', 'never'] }];
  const { model } = await swapEncoder(registry, former, 'titles', { ...note, hiddenSize: 12 });
  expect(model.config.encoders.titles.several).toEqual({ most: 3 });
  expect(await said(model, titles)).toHaveLength(1);

  const donor = composeUnchecked(registry, { ...config, seed: 5, encoders: { titles: note } });
  const { model: taught } = await swapEncoder(registry, former, 'titles', donor);
  expect(taught.config.encoders.titles.several).toEqual({ most: 3 });
  const [own, given] = [taught, donor].map(({ encoders }) => encoderOfOne(encoders.titles));
  expect([...(await readParameters(own))]).toEqual([...(await readParameters(given))]);

  const { model: single } = await swapEncoder(registry, former, 'titles', { ...note, several: false });
  await expect(said(single, titles)).rejects.toThrow(/titles: expected a string/);
});

it('a slot whose processor learns from data brings what it learned in another model', async () => {
  const donor = await trained({ ...config, encoders: { measured: config.encoders.measured } });
  const former = await trained({ ...config, encoders: { note, titles: config.encoders.titles } });
  const { model } = await addModality(registry, former, 'measured', donor);
  const { features } = await model.prepare({ measured: [2, 20] });
  expect(features).toEqual((await donor.prepare({ measured: [2, 20] })).features);

  const { model: fresh } = await addModality(registry, former, 'measured', config.encoders.measured);
  await expect(fresh.predict([{ measured: [2, 20] }])).rejects.toThrow(NotFittedError);
});

it('a pretrained encoder takes the place of one, and is saved and handed back with the model', async () => {
  const from = fileURLToPath(new URL('../fixtures/zero-shot/clip', import.meta.url));
  const pretrained = { use: 'pretrained-text', from };
  const whole = { hiddenSize: 8, encoders: { note: pretrained }, fusion: { use: 'none' }, heads: {} };
  const donor = (await composePretrained(withPretrained, whole as never)) as unknown as Model;
  const former = await trained();
  const without = samples.flatMap(({ note: _, ...sample }) => (Object.keys(sample).length > 0 ? [sample] : []));
  const { model } = await swapEncoder(withPretrained, former, 'note', donor);
  expect(await said(model, without)).toEqual(await said(former, without));
  expect([...(await readParameters(model.encoders.note))]).toEqual([...(await readParameters(donor.encoders.note))]);
  const folder = temporaryFolder();
  await saveModel(model, folder);
  const again = await loadModel(withPretrained, folder);
  const notes = [{ note: 'a photo' }];
  expect(await said(again, notes)).toEqual(await said(model, notes));
  expect(pretrainedPart(again, 'note').model).toBe(again.encoders.note); // as savePretrained takes it
  const { model: third } = await addModality(withPretrained, again, 'reply', note);
  expect(await said(third, notes)).toEqual(await said(again, notes));
});

it('a head that compares encoders gets a modality, and needs those that it names', async () => {
  const own = {
    hiddenSize: 8,
    encoders: { note, reply: note },
    fusion: { use: 'none' },
    heads: { match: { use: 'contrastive', embeddingSize: 6 } },
  };
  const model = composeUnchecked(registry, own);
  const pairs = [{ note: 'a', reply: 'b' }, { note: 'c' }];
  const embeddings = async (of: Model, asked: readonly Sample[] = pairs) =>
    (await of.predict(asked)).map(({ match }) => (match as { embeddings: object }).embeddings);
  const { model: wider } = await addModality(registry, model, 'title', note);
  expect(await embeddings(wider)).toEqual(await embeddings(model));
  const named = composeUnchecked(registry, {
    ...own,
    encoders: { note, reply: note, title: note },
    heads: { match: { use: 'contrastive', embeddingSize: 6, modalities: ['note', 'title'] } },
  });
  await expect(removeModality(registry, named, 'title')).rejects.toThrow(/heads\.match.*"title"/);
  const { model: fewer } = await removeModality(registry, named, 'reply');
  const titled = [{ note: 'a', title: 'b' }, { title: 'c' }];
  expect(await embeddings(fewer, titled)).toEqual(await embeddings(named, titled));
});

describe('a change of slots', () => {
  const compose = () => composeUnchecked(registry, config);

  it('is refused while the model is trained', async () => {
    const model = compose();
    const refusals: unknown[] = [];
    const attempt = async () => {
      await removeModality(registry, model, 'titles').catch((error) => refusals.push(error));
    };
    await train(model, { data, ...brief, epochs: 1, onEpoch: attempt });
    expect(refusals).toEqual([expect.any(StateError)]);
    expect(String(refusals[0])).toMatch(/removeModality: .*a call of train/);
  });

  it.each<[string, () => Promise<unknown>, RegExp, new (...args: never[]) => Error]>([
    ['an unknown slot', () => removeModality(registry, compose(), 'titel'), /"titel".*"titles"/, UnknownNameError],
    [
      'an unknown slot to swap',
      () => swapEncoder(registry, compose(), 'nota', note),
      /"nota".*"note"/,
      UnknownNameError,
    ],
    ['a slot that there is', () => addModality(registry, compose(), 'note', note), /swapEncoder/, DuplicateNameError],
    [
      'an unknown encoder',
      () => addModality(registry, compose(), 'reply', { use: 'transfomer' }),
      /encoders\.reply\.use: .*"transfomer".*"transformer"/,
      UnknownNameError,
    ],
    ['no registry', () => addModality([] as never, compose(), 'reply', note), /addModality: .*a registry/, ConfigError],
    ['no model', () => swapEncoder(registry, config as never, 'note', note), /swapEncoder: .*a model/, ConfigError],
    ['no encoder', () => swapEncoder(registry, compose(), 'note', 'bert' as never), /part of a config/, ConfigError],
    [
      'a model without the slot',
      () => addModality(registry, compose(), 'reply', compose()),
      /the model with the encoder: .*"reply".*note, titles, measured/,
      UnknownNameError,
    ],
    [
      'a model of another width, whose encoder has that',
      () => swapEncoder(registry, compose(), 'note', composeUnchecked(registry, { ...config, hiddenSize: 12 })),
      /12 there, 8 here/,
      ConfigError,
    ],
  ])('is refused for %s', async (_, change, message, Class) => {
    await expect(change()).rejects.toThrow(message);
    await expect(change()).rejects.toThrow(Class);
  });
});
