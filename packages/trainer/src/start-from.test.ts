import { readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError, composeModel, createRegistry, type Model, ShapeError, StateError } from '@polymodal/core';
import { loadModel, saveModel } from '@polymodal/core/node';
import { referencePlugin } from '@polymodal/testing';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { startFrom } from './start-from';
import { temporaryFolder } from './testing/temporary-folder';
import { ClassHead, tinyModel, tinySamples } from './testing/tiny-model';
import { interruptedRunIn } from './testing/tiny-run';
import { train } from './train';

const root = temporaryFolder();
const pretrained = join(root, 'pretrained');
const quiet = { progress: false } as const;

/** A model with a head of another name, and one modality less and one more than the saved one. */
const other = (seed = 2) => tinyModel({ seed, modalities: ['b', 'c', 'd'], heads: { tone: new ClassHead() } });
const options = { mayBeNew: ['encoders.d', 'heads.tone'], mayBeLeft: ['encoders.a', 'heads'] };

const valuesOf = (model: Model) =>
  Object.fromEntries([...model.parameters()].map(([path, { value }]) => [path, [...value.dataSync()]]));

const failure = (call: Promise<unknown>): Promise<Error> =>
  call.then(
    () => expect.fail('it was taken'),
    (error) => error,
  );

const registry = createRegistry([referencePlugin]);

/** A model of a table, whose processor learns from data, and something else. */
const tableModel = (slot: string) =>
  composeModel(registry, {
    hiddenSize: 4,
    encoders: { row: { use: 'table' }, [slot]: { use: 'reference', numHiddenLayers: 1 } },
    fusion: { use: 'reference' },
    heads: { size: { use: 'reference' } },
  });

let source: ReturnType<typeof valuesOf>;
beforeAll(async () => {
  await tf.setBackend('cpu');
  const model = tinyModel();
  await train(model, { data: tinySamples(12), epochs: 1, directory: pretrained, ...quiet });
  source = valuesOf(model);
});

describe('startFrom', () => {
  it('takes what both have by name, leaves the rest as it is, and says which is which', async () => {
    const model = other();
    const before = valuesOf(model);
    const report = await startFrom(model, pretrained, options);
    const encoder = (slot: string) => [`encoders.${slot}.weight`, `encoders.${slot}.bias`];
    expect(report.taken).toEqual([...encoder('b'), ...encoder('c'), 'fusion.scale']);
    expect(report.new).toEqual([...encoder('d'), 'heads.tone.weight', 'heads.tone.bias']);
    expect([...report.left].sort()).toEqual([...encoder('a'), 'heads.digit.weight', 'heads.digit.bias'].sort());
    const manifest = JSON.parse(readFileSync(join(pretrained, 'model/config.json'), 'utf8'));
    expect(report).toMatchObject({ folder: join(pretrained, 'model'), sha256: manifest.sha256 });
    const after = valuesOf(model);
    for (const path of report.taken) expect(after[path]).toEqual(source[path]);
    for (const path of report.new) expect(after[path]).toEqual(before[path]);
  });

  it('takes a saved model as well as a run, whole unless told otherwise', async () => {
    const folder = join(root, 'saved');
    const saved = tinyModel({ seed: 5 });
    await saveModel(saved, folder);
    const model = tinyModel({ seed: 6 });
    const report = await startFrom(model, folder);
    expect(report).toMatchObject({ new: [], left: [] });
    expect(valuesOf(model)).toEqual(valuesOf(saved));
  });

  it('refuses what differs and is not allowed to, by name and with what would allow it, and changes nothing', async () => {
    const model = other();
    const before = valuesOf(model);
    const error = await failure(startFrom(model, pretrained));
    expect(error).toBeInstanceOf(ConfigError);
    expect(error.message).toMatch(
      /received encoders\.d\.weight, encoders\.d\.bias, heads\.tone\.weight and 1 more that it lacks, and .* that the model lacks/,
    );
    expect(error.message).toContain('mayBeNew: ["encoders.d","heads.tone"], mayBeLeft: [');
    const { mayBeNew } = options;
    expect((await failure(startFrom(model, pretrained, { mayBeNew }))).message).not.toMatch(/lacks, and/);
    expect((await failure(startFrom(model, pretrained, { ...options, mayBeLeft: ['heads'] }))).message).toMatch(
      /received .*encoders\.a\.(weight|bias).* that the model lacks/,
    );
    expect(valuesOf(model)).toEqual(before);
  });

  it('refuses patterns that fit nothing, by name', async () => {
    const model = other();
    const refused = async (changed: object) =>
      (await failure(startFrom(model, pretrained, { ...options, ...changed }))).message;
    expect(await refused({ mayBeNew: [...options.mayBeNew, 'heads.tune'] })).toMatch(
      /^startFrom\.mayBeNew\.2: expected the path of a parameter or module, received "heads\.tune", .*"heads\.tone"/,
    );
    expect(await refused({ mayBeLeft: ['encoders.d', 'heads'] })).toMatch(/^startFrom\.mayBeLeft\.0: .*"encoders\.d"/);
  });

  it('refuses another shape by name, unless the parameter may begin anew', async () => {
    const model = tinyModel({ seed: 2, heads: { digit: new ClassHead(5) } });
    const before = valuesOf(model);
    const error = await failure(startFrom(model, pretrained, { mayBeNew: ['heads'] }));
    expect(error).toBeInstanceOf(ShapeError);
    expect(error.message).toMatch(
      /^heads\.digit\.(weight|bias): expected shape \[5.*\], as in the model, received \[3/,
    );
    expect(valuesOf(model)).toEqual(before);
    const report = await startFrom(model, pretrained, { mayBeNew: ['heads'], mayBeLeft: ['heads.*.*'] });
    expect(report.new).toEqual(['heads.digit.weight', 'heads.digit.bias']);
    expect(valuesOf(model)['heads.digit.weight']).toEqual(before['heads.digit.weight']);
    expect(valuesOf(model)['encoders.a.weight']).toEqual(source['encoders.a.weight']);
  });

  it('refuses a run that is not finished, models without anything in common, and a model that is trained', async () => {
    const half = join(root, 'half');
    await interruptedRunIn(half, {}, 1);
    expect((await failure(startFrom(tinyModel(), half))).message).toMatch(/expected a run that is finished/);
    const alien = tinyModel({ modalities: ['x'], hiddenSize: 2, heads: { y: new ClassHead(3, 2) } });
    const everything = { mayBeNew: ['**'], mayBeLeft: ['**'] };
    expect((await startFrom(alien, pretrained, everything)).taken).toEqual(['fusion.scale']);
    expect((await failure(startFrom(tableModel('signal'), pretrained, everything))).message).toMatch(
      /expected at least one parameter of the model, received none of them/,
    );
    const model = tinyModel();
    const error = await failure(
      train(model, {
        data: tinySamples(3),
        epochs: 1,
        ...quiet,
        onEpoch: async () => void (await startFrom(model, pretrained)),
      }),
    );
    expect(error).toBeInstanceOf(StateError);
    expect((await failure(startFrom(tinyModel(), join(root, 'nowhere')))).message).toMatch(
      /a folder that does not exist/,
    );
    expect(await failure(startFrom(tinyModel(), pretrained, { new: [] } as never))).toBeInstanceOf(ConfigError);
  });

  it('changes nothing for weights that are damaged', async () => {
    const folder = join(root, 'damaged');
    await saveModel(tinyModel({ seed: 5 }), folder);
    truncateSync(join(folder, 'model.safetensors'), 200);
    const model = tinyModel({ seed: 6 });
    const before = valuesOf(model);
    expect((await failure(startFrom(model, folder))).message).toContain('model.safetensors');
    expect(valuesOf(model)).toEqual(before);
  });
});

describe('a run that started from another', () => {
  it('knows from which, and goes on from the same alone', async () => {
    const directory = join(root, 'second');
    const begin = async (from: string) => {
      const model = other();
      return { model, report: await startFrom(model, from, options) };
    };
    const data = tinySamples(12, 3, 0, ['b', 'c', 'd']);
    const call = { data, epochs: 2, directory, ...quiet };
    const stop = new AbortController();
    const { model, report } = await begin(pretrained);
    await train(model, { ...call, signal: stop.signal, onEpoch: () => stop.abort() });
    const config = JSON.parse(readFileSync(join(directory, 'config.json'), 'utf8'));
    expect(config.from).toEqual([report.sha256]);

    const changed = join(root, 'changed');
    await saveModel(tinyModel({ seed: 9 }), changed);
    const error = await failure(train((await begin(changed)).model, call));
    expect(error.message).toMatch(
      /^model: expected weights that startFrom gave, of [0-9a-f]{12}, as in the run in .*, received weights that startFrom gave, of [0-9a-f]{12}\. Call startFrom/,
    );
    expect((await failure(train(other(), call))).message).toMatch(
      /^model: .*received weights that startFrom did not give/,
    );

    const resumed = await train((await begin(pretrained)).model, call);
    const straight = await begin(pretrained);
    await train(straight.model, { ...call, directory: join(root, 'straight') });
    expect(valuesOf(resumed.model)).toEqual(valuesOf(straight.model));
  });
});

it('what processors had learned comes along, where they have learned nothing yet', async () => {
  const rows = (shift: number) =>
    Array.from({ length: 6 }, (_, i) => ({ row: [i + shift, 2 * i, 7], targets: { size: i } }));
  const directory = join(root, 'table');
  await train(tableModel('signal'), { data: rows(0), epochs: 1, directory, ...quiet });
  const model = tableModel('sound');
  await startFrom(model, directory, {
    mayBeNew: ['encoders.sound', 'fusion'],
    mayBeLeft: ['encoders.signal', 'fusion'],
  });
  const saved = await loadModel(registry, join(directory, 'model'));
  const [own, wanted] = [model, saved].map(({ processors }) => processors.row.files!());
  expect(own).toEqual(wanted);
  const fitted = tableModel('sound');
  await train(fitted, { data: rows(100), epochs: 1, ...quiet });
  const error = await failure(startFrom(fitted, directory, { mayBeNew: ['**'], mayBeLeft: ['**'] }));
  expect(error.message).toMatch(/^row: expected a processor that has learned what that of .*model had, or nothing yet/);
});
