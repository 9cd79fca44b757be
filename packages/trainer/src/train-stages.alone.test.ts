import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError, type Model, NonFiniteError, StateError } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { evaluate } from './evaluation/evaluate';
import { runStatus } from './run/run-folder';
import { stagedModel, stagedRun, stagedRunIn } from './testing/staged-run';
import { temporaryFolder } from './testing/temporary-folder';
import { ClassHead, tinyModel, tinySamples } from './testing/tiny-model';
import { recorder } from './testing/tiny-run';
import { train } from './train';
import type { TrainOptions } from './train-options';

/** Is called after each file that a run puts in place, as if the process could be killed there. */
let onRename: ((path: string) => void) | undefined;

vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>();
  const rename = async (from: string, to: string) => {
    await real.rename(from, to);
    onRename?.(to);
  };
  return { ...real, rename };
});

const root = temporaryFolder();
const straight = join(root, 'straight');
const quiet = { progress: false } as const;

const valuesOf = (model: Model): Record<string, number[]> =>
  Object.fromEntries([...model.parameters()].map(([path, { value }]) => [path, [...value.dataSync()]]));

/** Which modules of a model have other values than before. */
function changed(before: Record<string, number[]>, after: Record<string, number[]>): string[] {
  const paths = Object.keys(before).filter((path) =>
    before[path].some((value, i) => !Object.is(value, after[path][i])),
  );
  return [
    ...new Set(
      paths.map((path) =>
        path
          .split('.')
          .slice(0, path.startsWith('fusion') ? 1 : 2)
          .join('.'),
      ),
    ),
  ].sort();
}

const metricsOf = (directory: string) =>
  readFileSync(join(directory, 'metrics.jsonl'), 'utf8').replaceAll(
    /"(seconds|dataWait)":[\d.e+-]+|"pace":\{[^}]*\}/g,
    '',
  );
const linesOf = (directory: string) =>
  metricsOf(directory)
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line.replaceAll(/,(?=[,}])/g, '')));

function expectSameEnd(directory: string): void {
  expect(runStatus(directory)).toBe('finished');
  const [own, wanted] = [directory, straight].map((run) => readFileSync(join(run, 'model/model.safetensors')));
  expect(own.equals(wanted)).toBe(true);
  expect(metricsOf(directory)).toBe(metricsOf(straight));
}

const failure = (training: Promise<unknown>): Promise<Error> =>
  training.then(
    () => expect.fail('it trained'),
    (error) => error,
  );

beforeAll(async () => {
  await tf.setBackend('cpu');
  await stagedRunIn(straight);
});

describe('stages', () => {
  it('change what trains, to the byte, and for which heads', async () => {
    const model = stagedModel();
    let before = valuesOf(model);
    const moved: string[][] = [];
    await train(model, {
      ...stagedRun,
      onEpoch() {
        moved.push(changed(before, valuesOf(model)));
        before = valuesOf(model);
      },
    });
    const all = ['encoders.a', 'encoders.b', 'encoders.c', 'fusion', 'heads.digit', 'heads.other'];
    expect(moved[0]).toEqual(['fusion', 'heads.digit']);
    expect(moved[1]).toEqual(all);
    expect(moved.at(-1)).toEqual(['fusion', 'heads.digit', 'heads.other']);
  });

  it('are told by name in metrics and records, and counted through', async () => {
    const { epochs, steps } = await stagedRunIn(straight);
    expect(epochs.map(({ stage, epoch }) => [stage, epoch])).toEqual([
      ['align', 1],
      ['mix', 2],
      ['mix', 3], // cut by its steps
      ['tune', 4],
    ]);
    const lines = linesOf(straight).filter(({ type }) => type === 'step');
    expect(lines.map(({ step }) => step)).toEqual(Array.from({ length: steps }, (_, i) => i + 1));
    expect(lines.filter(({ stage }) => stage === 'mix')).toHaveLength(3);
    const rates = lines.filter(({ stage }) => stage === 'tune').map(({ learningRate }) => learningRate);
    expect(new Set(rates)).toEqual(new Set([0.02])); // a schedule of its own
    expect(Object.keys(lines[0].terms)).toEqual(['digit']);
    expect(Object.keys(lines.at(-1).terms)).toEqual(['digit', 'other']);
  });

  it('rise, stay and cool down over shares of their own steps', async () => {
    const directory = join(root, 'wsd');
    const wsd = { schedule: 'wsd', learningRate: 1, warmup: 0.2, cooldown: 0.4 } as const;
    const options = { data: tinySamples(6), batchSize: 6, directory, ...quiet };
    await train(tinyModel(), { ...options, stages: [{ steps: 1 }, { ...wsd, steps: 10, batchSize: 6 }] });
    const lines = linesOf(directory).filter(({ type, stage }) => type === 'step' && stage === 'stage-2');
    const fall = [0, 1, 2, 3].map((step) => 1 - Math.sqrt(step / 4));
    const expected = [0.5, 1, 1, 1, 1, 1, ...fall];
    expect(lines).toHaveLength(10);
    lines.forEach(({ learningRate }, step) => expect(learningRate).toBeCloseTo(expected[step], 6));
  });

  it('equal trainings one after the other', async () => {
    const data = tinySamples(12).map((own) => ({ ...own, a: [1, 2], b: [3], c: [4] })); // all of one shape
    const one = { batchSize: 12, epochs: 3, learningRate: 0.05, weightDecay: 0.1 };
    const two = { ...one, epochs: 2, learningRate: 0.01, schedule: 'linear', warmup: 0 } as const;
    const [staged, apart] = [tinyModel(), tinyModel()];
    const { epochs } = await train(staged, { ...one, stages: [{}, two], data, ...quiet });
    expect(epochs.map(({ stage }) => stage)).toEqual(['stage-1', 'stage-1', 'stage-1', 'stage-2', 'stage-2']);
    await train(apart, { ...one, data, ...quiet });
    await train(apart, { ...two, data, ...quiet });
    const [own, wanted] = [staged, apart].map((model) => Object.values(valuesOf(model)).flat());
    for (const [i, value] of own.entries()) expect(Math.abs(value - wanted[i])).toBeLessThan(1e-5); // rows in another order
  });

  it('go on with their moments if told to, to the bit as within one stage, and begin with none otherwise', async () => {
    const data = tinySamples(20).map(({ targets }, i) => ({ targets, a: [i % 3], b: [Math.sin(i)] }));
    const options = { data, batchSize: 8, schedule: 'constant', warmup: 0, learningRate: 0.05, ...quiet } as const;
    const ends = async (given: object) => {
      const model = tinyModel({ modalities: ['a', 'b'] });
      await train(model, { ...options, ...given });
      return valuesOf(model);
    };
    const whole = await ends({ epochs: 4 });
    expect(await ends({ stages: [{ epochs: 2 }, { epochs: 2, keepMoments: true }] })).toEqual(whole);
    expect(await ends({ stages: [{ epochs: 2 }, { epochs: 2 }] })).not.toEqual(whole);
  });

  it('free every tensor that they make', async () => {
    const model = stagedModel();
    const before = tf.memory().numTensors;
    await train(model, stagedRun);
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('slots that do not take part in a stage', () => {
  const data = tinySamples(12, 3, 0.5, ['a', 'b']);
  const options = { batchSize: 4, epochs: 2, learningRate: 0.05, modalityDropout: 0.3, ...quiet };

  it('are as absent from samples, and from what is evaluated, and their encoders do not change by a byte', async () => {
    const active = tinyModel();
    const before = valuesOf(active);
    const made = await train(active, { ...options, data, evaluate: data, activate: ['a'] });
    const some = data.flatMap((own) => ('a' in own ? [{ a: own.a, targets: own.targets }] : []));
    expect(changed(before, valuesOf(active))).toEqual(['encoders.a', 'fusion', 'heads.digit']);
    expect(made.steps).toBe(2 * Math.ceil(some.length / 4));
    const { digit } = made.epochs.at(-1)!.evaluation!;
    const alone = await evaluate(active, some, { progress: false });
    expect(digit).toEqual({ ...alone.digit, intervals: digit.intervals });
  });

  it('leave the gradients that samples without them have', async () => {
    const complete = tinySamples(12).map((own) => ({ ...own, a: [1, 2], b: [3], c: [4] })); // all of one shape
    const whole = { ...options, batchSize: 12, modalityDropout: 0 };
    const [active, absent] = [tinyModel(), tinyModel()];
    await train(active, { ...whole, data: complete, activate: ['a'] });
    await train(absent, { ...whole, data: complete.map(({ a, targets }) => ({ a, targets })) });
    const [own, wanted] = [active, absent].map((model) => Object.values(valuesOf(model)).flat());
    for (const [i, value] of own.entries()) expect(Math.abs(value - wanted[i])).toBeLessThan(1e-5); // rows in another order
  });

  it.each([
    [{ activate: ['d'] }, /^train\.activate: expected names of slots of the model, received "d"/],
    [{ activate: ['a'], train: ['encoders.b'] }, /^train\.activate: expected something that learns beside/],
    [{ activate: ['c'] }, /^train\.activate: expected samples in data that one of the heads digit runs on/],
  ])('are refused where nothing is left: %j', async (own, message) => {
    const error = await failure(train(tinyModel(), { ...options, data, ...own }));
    expect(error.message).toMatch(message);
  });

  it('are refused where no head that learns runs on the others', async () => {
    const model = tinyModel({ heads: { rare: new ClassHead(3, 4, 'rare', { all: ['b'] }) } });
    const error = await failure(train(model, { ...options, data, activate: ['a'] }));
    expect(error.message).toMatch(/^train\.activate: expected slots that one of the heads rare runs on, received a\./);
  });
});

describe('a stage in which a batch has nothing of what trains', () => {
  const alone = (slot: string) => tinySamples(6).map((own) => ({ targets: own.targets, [slot]: [own.targets.digit] }));
  const options = { batchSize: 2, epochs: 1, train: ['encoders.a'], ...quiet };

  it.each([1, 3])(
    'leaves the model as it is there, and learns from the others: %i batches to a step',
    async (accumulate) => {
      const model = tinyModel();
      const before = valuesOf(model);
      const data = [...alone('a'), ...alone('b')];
      const { epochs } = await train(model, { ...options, data, accumulate });
      expect(changed(before, valuesOf(model))).toEqual(['encoders.a']);
      expect(epochs[0].terms.digit.crossEntropy).toBeGreaterThan(0);
    },
  );

  it('and none of which has any, is told', async () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const model = tinyModel({ modalities: ['a', 'b'] });
    const before = valuesOf(model);
    const data = { both: [...alone('a'), ...alone('b')], some: alone('b') };
    const stages = [
      { name: 'good', data },
      { name: 'idle', data: { some: data.some }, epochs: 2 },
    ];
    await train(model, { ...options, stages });
    expect(changed(before, valuesOf(model))).toEqual(['encoders.a']);
    expect(warned.mock.calls.map(([text]) => text)).toEqual([
      'some, stage idle: no loss depends on anything that learns (train: ["encoders.a"]), so nothing is learned.',
    ]);
    warned.mockRestore();
  });
});

describe('a run of stages that is killed', () => {
  it('after any checkpoint, goes on to the same bytes: within a stage, at its end and in an epoch that is cut', async () => {
    const directory = join(root, 'killed');
    const copies: string[] = [];
    onRename = (path) => {
      if (!/checkpoints.\d+\.json$/.test(path)) return;
      copies.push(join(root, `killed-${copies.length}`));
      cpSync(directory, copies.at(-1)!, { recursive: true, filter: (name) => !name.endsWith('.polymodal') });
    };
    await stagedRunIn(directory);
    onRename = undefined;
    expect(copies.length).toBeGreaterThan(10);
    for (const copy of copies) {
      await stagedRunIn(copy);
      expectSameEnd(copy);
    }
  });

  it.each([1, 3])('stops at the end of a stage, after epoch %i, and goes on from there', async (last) => {
    const directory = join(root, `stopped-${last}`);
    const controller = new AbortController();
    const onEpoch = ({ epoch }: { epoch: number }) => {
      if (epoch === last) controller.abort();
    };
    const first = await stagedRunIn(directory, { signal: controller.signal, onEpoch });
    expect([first.status, first.epochs.length]).toEqual(['interrupted', last]);
    const epochs: number[] = [];
    await stagedRunIn(directory, { onEpoch: ({ epoch }: { epoch: number }) => epochs.push(epoch) });
    expect(epochs[0]).toBe(last + 1);
    expectSameEnd(directory);
  });
});

describe('sources', () => {
  const { first, second } = stagedRun.data;
  const relabelled = first.map((own, i) => (i === 7 ? { ...own, targets: { ...own.targets, digit: 0 } } : own));

  it.each([
    [
      'another target',
      { first: relabelled, second },
      /^first, sample 7, targets\.digit: expected 1, as in the run in .*0/,
    ],
    ['fewer samples', { first: first.slice(1), second }, /^first\.samples: expected 10, .*received 9/],
    [
      'another name',
      { third: first, second },
      /^training\.stages\.align\.sources: expected \["first","second"\].*\["third"/,
    ],
  ])('are known by their names, and refused with what differs: %s', async (_, data, message) => {
    const directory = join(root, 'known');
    cpSync(straight, directory, { recursive: true });
    const stages = stagedRun.stages.map((own) =>
      'ratios' in own && 'third' in data ? { ...own, ratios: { third: 2, second: 3 } } : own,
    );
    const error = await failure(stagedRunIn(directory, { data, stages }));
    expect(error).toBeInstanceOf(ConfigError);
    expect(error.message).toMatch(message);
  });

  it.each([
    [
      'an option of a stage',
      { stages: stagedRun.stages.map((own) => (own.name === 'tune' ? { ...own, batchSize: 4 } : own)) },
      /^training\.stages\.tune\.batchSize: expected 8, as in the run in .*, received 4\. Use the same/,
    ],
    [
      'a stage more',
      { stages: [...stagedRun.stages, { name: 'polish' }] },
      /^training\.stages: expected the stages align, mix, tune, as in .*, received the stages align, mix, tune, polish\. /,
    ],
    ['no stages', { stages: undefined }, /^training\.stages: expected the stages align, .*, received no stages\. /],
    [
      'a group of parameters more',
      { parameterGroups: [{ match: 'heads', learningRate: 0.1 }] },
      /^training\.stages\.align\.parameterGroups\.0: expected nothing, .* received {"match":"heads","learningRate":0.1}/,
    ],
  ])('are known with the options of each stage, by its name: %s', async (_, options, message) => {
    const directory = join(root, 'known');
    cpSync(straight, directory, { recursive: true });
    expect((await failure(stagedRunIn(directory, options))).message).toMatch(message);
  });

  it('may be given in a variable, of each stage its own', async () => {
    const [a, b] = [tinySamples(4, 3), tinySamples(4, 5)];
    const options = {
      stages: [
        { data: { a, b }, steps: 1 },
        { data: { b }, steps: 1 },
      ],
      progress: false,
    };
    expect(await train(tinyModel(), options)).toMatchObject({ steps: 2 }); // and the compiler takes it
    const one = { data: { a, b: undefined }, epochs: 1, batchSize: 4, progress: false };
    expect(await train(tinyModel(), one)).toMatchObject({ steps: 1 });
  });

  it('have a file each in the folder, which go with the run that is replaced', async () => {
    const directory = join(root, 'replaced');
    cpSync(straight, directory, { recursive: true });
    writeFileSync(join(directory, 'data.notes.jsonl'), 'mine');
    expect(readdirSync(directory)).toEqual(expect.arrayContaining(['data.first.jsonl', 'data.second.jsonl']));
    await stagedRunIn(directory, { data: second, stages: undefined, epochs: 1, resume: false });
    expect(readdirSync(directory).filter((name) => name.startsWith('data'))).toEqual([
      'data.jsonl',
      'data.notes.jsonl',
    ]);
  });

  it('take turns in every epoch, and none of a sample is left out', async () => {
    const reads: string[] = [];
    const dataset = (name: string, samples: typeof first) => ({
      length: samples.length,
      get(index: number) {
        reads.push(`${name} ${index}`);
        return samples[index];
      },
    });
    const data = { first: dataset('first', first), second: dataset('second', second) };
    await train(stagedModel(), { data, epochs: 2, batchSize: 4, ...quiet }); // its processors draw: each reads anew
    const counts = new Map<string, number>();
    for (const read of reads) counts.set(read, (counts.get(read) ?? 0) + 1);
    expect(counts.size).toBe(16);
    expect(new Set(counts.values())).toEqual(new Set([3])); // once to be checked, once an epoch
  });
});

describe('train refuses', () => {
  const data = tinySamples(6);
  const refused = async (options: object, model = tinyModel()) =>
    (await failure(train(model, { data, ...quiet, ...options } as TrainOptions))).message;

  it.each([
    ['epochs and steps', { epochs: 1, steps: 2 }, /^train\.steps: expected epochs or steps, received both/],
    ['no stages', { stages: [] }, /^train\.stages/],
    ['a misspelt option', { stages: [{ epoch: 3 }] }, /^train\.stages\.stage-1: .*"epoch".*"epochs"/],
    [
      'a name twice',
      { stages: [{ name: 'a' }, { name: 'a' }] },
      /^train\.stages: expected stages of different names, received two named "a"/,
    ],
    [
      'a head that is none',
      { stages: [{}, { lossWeights: { digits: 1 } }] },
      /^train\.stages\.stage-2\.lossWeights\.digits.*"digit"/,
    ],
    [
      'a path that is none',
      { stages: [{ name: 'align', train: ['encoder.a'] }] },
      /^train\.stages\.align\.train\.0: .*"encoders\.a"/,
    ],
    [
      'a number that is none, by the name of its stage',
      { stages: [{}, { name: 'tune', steps: 'x' }] },
      /^train\.stages\.tune\.steps: expected a/,
    ],
    [
      'a cooldown of what has none',
      { schedule: 'wsd', stages: [{}, { name: 'tune', schedule: 'linear', cooldown: 3 }] },
      /^train\.stages\.tune\.cooldown: expected the schedule 'wsd'/,
    ],
    ['a slot that is none', { together: 'aa' }, /^train\.together: .*"aa"\. Did you mean "a"/],
    [
      'a ratio of a source that is none',
      { data: { text: data, image: data }, ratios: { text: 1, picture: 2 } },
      /^train\.ratios: .*"picture".*Known: text, image/,
    ],
    [
      'a source without a ratio',
      { data: { text: data, image: data }, stages: [{}, { name: 'tune', ratios: { text: 1 } }] },
      /^train\.stages\.tune\.ratios: expected a ratio for each source, received none for image/,
    ],
    ['a ratio of no turns', { data: { text: data }, ratios: { text: 0 } }, /^train\.ratios\.text/],
    ['a head to balance that is none', { balance: 'digits' }, /^train\.balance: .*"digits"\. Did you mean "digit"/],
    ['all frozen', { freeze: ['**'] }, /^train\.freeze: expected something that learns/],
    ['a part that is none', { freeze: ['fusion.gate'] }, /^train\.freeze\.0: .*"fusion\.gate", which matches none/],
    [
      'a source named as what it is evaluated with',
      { data: { evaluate: data } },
      /^train\.data\.evaluate: expected a name/,
    ],
    ["a name that is no file's", { data: { 'a/b': data } }, /^train\.data\.a\/b: expected a name/],
    [
      'two names that differ in capitals',
      { data: { a: data, A: data } },
      /^train\.data\.A: expected a name that no other source has/,
    ],
    [
      'two sources of one name',
      { data: { a: data }, stages: [{}, { data: { a: [...data] } }] },
      /^train\.stages\.stage-2\.data\.a: expected a name that no/,
    ],
    [
      'no source',
      { data: {} },
      /^train\.data: expected an array .* received an object with nothing in it\. .*{ name: samples }/,
    ],
    [
      'nothing as the only source',
      { data: { a: null } },
      /^train\.data: .* received an object with a\. .*{ name: samples }/,
    ],
    [
      'nothing as one of two',
      { data: { a: data, b: null } },
      /^train\.data\.b: expected an array of samples, .* received null/,
    ],
    ['a source without samples', { data: { a: [] } }, /^train\.data\.a: expected at least one sample/],
    [
      'a stage in which no head learns',
      { stages: [{ lossWeights: { digit: 0 } }] },
      /^train\.stages\.stage-1\.lossWeights: expected a weight above 0 for at least one head, .* 0 for digit, the only one/,
    ],
    [
      'a stage without anything to learn',
      { stages: [{}, { data: [{ a: [1] }] }] },
      /^stage-2, in the stage stage-2: expected samples with targets/,
    ],
    [
      "what a source's processor refuses",
      { data: { plain: data, bad: [{ a: 'x' }] } },
      /^bad, sample 0, a: expected an array of numbers/,
    ],
  ])('%s', async (_, options, message) => {
    expect(await refused(options)).toMatch(message);
  });

  it('to train what the model has frozen', async () => {
    const model = tinyModel();
    for (const [path, own] of model.parameters()) own.trainable = !path.startsWith('encoders');
    expect(await refused({ train: ['encoders.a'] }, model)).toMatch(/^train\.train\.0: .*setTrainable/);
  });

  it('a model that another call trains, with a folder or without, and lets it go in the end', async () => {
    const model = tinyModel();
    const first = train(model, { data, epochs: 1, ...quiet });
    const error = await failure(train(model, { data, epochs: 1, ...quiet }));
    expect(error).toBeInstanceOf(StateError);
    expect(error.message).toMatch(
      /^train: expected a model that nothing else is changing, received one that a call of train/,
    );
    await first;
    await failure(train(model, { data: [{ a: 'x' }], ...quiet }));
    expect((await train(model, { data, epochs: 1, ...quiet })).status).toBe('finished');
  });

  it('to have adapters merged meanwhile', async () => {
    const model = tinyModel();
    const error = await failure(train(model, { data, epochs: 1, ...quiet, onEpoch: () => void model.mergeAdapters() }));
    expect(error).toBeInstanceOf(StateError);
    expect(error.message).toMatch(/^mergeAdapters: /);
    model.mergeAdapters();
  });

  it('to save parameters that are spoilt: the checkpoints from before stay', async () => {
    const directory = join(root, 'spoilt');
    const model = stagedModel();
    const spoil = ({ epoch }: { epoch: number }) => {
      if (epoch === 3) (model.heads.other as ClassHead).bias.assignValues(Float32Array.of(0, Number.NaN, 0));
    };
    const checkpoints = () => readdirSync(join(directory, 'checkpoints'));
    const error = await failure(train(model, { ...stagedRun, directory, onEpoch: spoil }));
    expect(error).toBeInstanceOf(NonFiniteError);
    expect(error.message).toMatch(
      /^heads\.other\.bias: expected finite values, to be saved, received NaN at position 1 of 3/,
    );
    expect(checkpoints().length).toBeGreaterThan(0);
    await stagedRunIn(directory);
    expectSameEnd(directory);
  });
});

it('says that a call resumes a run only where one has begun', async () => {
  const directory = join(root, 'not begun');
  const controller = new AbortController();
  const { stream, text } = recorder();
  const augment = (sample: (typeof stagedRun.data.first)[number]) => {
    controller.abort();
    return sample;
  };
  const options = { directory, progress: stream, signal: controller.signal };
  expect((await stagedRunIn(directory, { ...options, augment })).status).toBe('interrupted');
  expect(text()).toMatch(/Interrupted after 0 steps\. Nothing had begun in .*not begun yet\./);
  expect(runStatus(directory)).toBe('none');
});

it('leaves a head of weight 0 as it is, decay included', async () => {
  const model = tinyModel({ heads: { digit: new ClassHead(), other: new ClassHead(3, 4, 'digit') } });
  const before = valuesOf(model);
  await train(model, { data: tinySamples(12), epochs: 1, weightDecay: 0.5, lossWeights: { other: 0 }, ...quiet });
  expect(changed(before, valuesOf(model))).not.toContain('heads.other');
});
