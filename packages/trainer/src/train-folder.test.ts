import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { ConfigError, FileFormatError, LockedError, type Sample, StorageError } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { NonFiniteLossError } from './errors/non-finite-loss-error';
import { evaluate } from './evaluation/evaluate';
import { runStatus } from './run/run-folder';
import { temporaryFolder } from './testing/temporary-folder';
import { type ClassHead, tinyModel, tinySamples } from './testing/tiny-model';
import { interruptedRunIn, recorder, runIn, tinyRun } from './testing/tiny-run';
import { train } from './train';
import type { TrainOptions } from './train-options';

const root = temporaryFolder();
const straight = join(root, 'straight');
const half = join(root, 'half');

beforeAll(async () => {
  await tf.setBackend('cpu');
  await runIn(straight);
  await interruptedRunIn(half);
});

let copies = 0;
/** A copy of a run of its own for a test. */
function copyOf(run: string): string {
  const directory = join(root, `copy-${copies++}`);
  cpSync(run, directory, { recursive: true });
  return directory;
}

const failure = (directory: string, options: Partial<TrainOptions> = {}) =>
  runIn(directory, options).then(
    () => expect.fail('it trained'),
    (error: Error) => error,
  );

/** All files of a folder with their content. */
function contentOf(directory: string): Record<string, string> {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map((entry) => join(entry.parentPath, entry.name)).sort();
  return Object.fromEntries(paths.map((path) => [path, readFileSync(path, 'latin1')]));
}

const metricsOf = (directory: string) =>
  readFileSync(join(directory, 'metrics.jsonl'), 'utf8').replaceAll(
    /"(seconds|dataWait)":[\d.e+-]+|"pace":\{[^}]*\}/g,
    '',
  );

function expectSameEnd(directory: string): void {
  const [own, wanted] = [directory, straight].map((run) => readFileSync(join(run, 'model/model.safetensors')));
  expect(own.equals(wanted)).toBe(true);
}

function write(directory: string, files: readonly string[]): void {
  for (const file of files) {
    mkdirSync(join(directory, file, '..'), { recursive: true });
    writeFileSync(join(directory, file), "the user's own");
  }
}

const manifests = (directory: string) =>
  readdirSync(join(directory, 'checkpoints'))
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => join(directory, 'checkpoints', file));

function change(path: string, from: string | RegExp, to: string): void {
  const text = readFileSync(path, 'utf8');
  expect(text.replace(from, to)).not.toBe(text);
  writeFileSync(path, text.replace(from, to));
}

describe('what others put there', () => {
  const foreign = ['model/precious.safetensors', 'checkpoints/best.ckpt', 'report.html', 'metrics.jsonl', 'notes.txt'];

  it.each([
    ['files of others', foreign],
    ['one file', ['notes.txt']],
    ['the config.json of something else', ['config.json', ...foreign]],
  ])('is refused and stays as it is: %s', async (name, files) => {
    const directory = join(root, name);
    write(directory, files);
    if (files.includes('config.json')) writeFileSync(join(directory, 'config.json'), '{"model_type": "bert"}');
    const before = contentOf(directory);
    for (const resume of [true, false]) {
      const error = await failure(directory, { resume });
      expect(error).toBeInstanceOf(ConfigError);
      expect(error.message).toMatch(
        /expected an empty folder, or that of a run with its config\.json, received a folder/,
      );
    }
    expect(contentOf(directory)).toEqual(before);
    expect(runStatus(directory)).toBe('none');
  });

  it('is refused and stays as it is: a run without its config.json, or with one that is damaged', async () => {
    const [without, empty, changed] = [copyOf(half), copyOf(half), copyOf(half)];
    rmSync(join(without, 'config.json'));
    truncateSync(join(empty, 'config.json'), 0);
    change(join(changed, 'config.json'), '"seed": 0', '"seed": 1');
    for (const directory of [without, empty, changed]) {
      const before = contentOf(directory);
      for (const resume of [true, false]) expect((await failure(directory, { resume })).message).toContain(directory);
      expect(contentOf(directory)).toEqual(before);
    }
    expect(() => runStatus(changed)).toThrow(FileFormatError);
  });

  it('stays in a run that goes on, is finished, or is replaced', async () => {
    const directory = copyOf(half);
    const files = ['checkpoints/my-notes.txt', 'checkpoints/best.safetensors', 'notes.txt', 'figures/loss.png'];
    write(directory, files);
    const kept = () => files.filter((file) => readFileSync(join(directory, file), 'utf8') === "the user's own");
    await runIn(directory);
    expect(kept()).toEqual(files);
    write(directory, ['model/README.md']);
    await runIn(directory);
    await runIn(directory, { resume: false, epochs: 1 });
    expect(kept()).toEqual(files);
    expect(existsSync(join(directory, 'model/README.md'))).toBe(true);
  });

  it.each([
    ['a model folder of others, in a run that is not finished', half, 'model/notes.txt', true],
    ['a model whose config.json was changed, in a run to be replaced', straight, 'model/config.json', false],
    ['a model whose weights were changed, in a run to be replaced', straight, 'model/model.safetensors', false],
  ])('is refused before the first step where the model is to be: %s', async (_, run, file, resume) => {
    const directory = copyOf(run);
    write(directory, [file]);
    const before = contentOf(directory);
    const onEpoch = vi.fn();
    const error = await failure(directory, { resume, onEpoch });
    expect(error).toBeInstanceOf(StorageError);
    expect(error.message).toContain(join(directory, 'model'));
    expect(onEpoch).not.toHaveBeenCalled();
    expect(contentOf(directory)).toEqual(before);
  });

  it('is not replaced by a report', async () => {
    const directory = copyOf(half);
    write(directory, ['report.html']);
    expect((await failure(directory)).message).toMatch(/report\.html: expected no file, or a report .* Move the file/);
    expect(readFileSync(join(directory, 'report.html'), 'utf8')).toBe("the user's own");
  });
});

describe('a run knows its data', () => {
  const [first, ...others] = tinyRun.data;
  const relabelled = tinyRun.data.map((own, i) => (i === 17 ? { ...own, targets: { digit: 0 } } : own));
  const negative = tinyRun.data.map((own, i) =>
    i === 4 ? { ...own, [Object.keys(own)[0]]: [3] } : own,
  ) as readonly Sample[];

  it.each([
    [
      'another target',
      { data: relabelled },
      /data, sample 17, targets\.digit: expected 2, as in the run in .*, received 0/,
    ],
    ['other features', { data: negative }, /data, sample 4, [abc]: expected features with the checksum/],
    ['another order', { data: [...others, first] }, /data, sample 0, a, b, c: expected features/], // with noise by position
    ['fewer samples', { data: others }, /data\.samples: expected 40, as in the run in .*, received 39/],
    ['other evaluation data', { evaluate: [...tinyRun.evaluate].reverse() }, /evaluate, sample 0: .*another order/],
    ['no evaluation data', { evaluate: undefined }, /evaluate\.samples: expected 9, .*received none/],
    ['other options', { learningRate: 0.5 }, /training\.learningRate: expected 0\.02, .*received 0\.5/],
  ])('and refuses %s, finished or not', async (_, options, message) => {
    for (const run of [half, straight]) {
      const before = contentOf(run);
      const error = await failure(run, options as Partial<TrainOptions>);
      expect(error).toBeInstanceOf(ConfigError);
      expect(error.message).toMatch(message);
      expect(contentOf(run)).toEqual(before);
    }
  });

  it('also without the lines of its samples, which it writes again for the same data', async () => {
    const directory = copyOf(straight);
    rmSync(join(directory, 'data.jsonl'));
    expect((await failure(directory, { data: relabelled })).message).toMatch(/^data: expected data with the checksum/);
    await runIn(directory);
    expect(contentOf(directory)[join(directory, 'data.jsonl')]).toBe(contentOf(straight)[join(straight, 'data.jsonl')]);
  });
});

describe('a run knows its starting weights', () => {
  it('and refuses others by the parameter that differs, finished or not', async () => {
    for (const run of [half, straight]) {
      const before = contentOf(run);
      const model = tinyModel({ noise: 0.1 });
      (model.heads.digit as ClassHead).bias.assignValues(Float32Array.of(0, 0, 1e-6));
      const error = await train(model, { ...tinyRun, directory: run }).catch((caught) => caught);
      expect(error).toBeInstanceOf(ConfigError);
      expect(error.message).toMatch(/^heads\.digit\.bias: expected the values that the run in .* began with/);
      expect(contentOf(run)).toEqual(before);
    }
  });

  it('and goes on with a model of this process that has changed since', async () => {
    const directory = join(root, 'one model');
    const model = tinyModel({ noise: 0.1 });
    const fails = () => {
      throw new Error('mine');
    };
    await expect(train(model, { ...tinyRun, directory, onEpoch: fails })).rejects.toThrow('mine');
    await train(model, { ...tinyRun, directory });
    expectSameEnd(directory);
    expect((await train(model, { ...tinyRun, directory })).status).toBe('finished');
  });
});

describe('a run without a checkpoint', () => {
  it('does not begin again with a model that has learned since, which would end otherwise', async () => {
    const directory = join(root, 'no checkpoint');
    const options = { ...tinyRun, checkpointEvery: { epochs: 2 }, directory };
    const model = tinyModel({ noise: 0.1 });
    const fails = () => {
      throw new Error('mine');
    };
    await expect(train(model, { ...options, onEpoch: fails })).rejects.toThrow('mine');
    await expect(train(model, options)).rejects.toThrow(/no checkpoint yet, received one that has learned since/);
    await train(tinyModel({ noise: 0.1 }), options);
    expectSameEnd(directory);
  });
});

describe('checkpoints', () => {
  const edits: [string, string | RegExp, string][] = [
    ['another batch', /"batch": (\d)/, '"batch": 9$1'],
    ['another step', /"step": (\d)/, '"step": 1$1'],
    ['no position', '"position"', '"positron"'],
    ['no bundles', '"bundles"', '"bandles"'],
    ['another count of steps', /"steps": (\d)/, '"steps": 1$1'],
    ['another length of the metrics', /"bytes": (\d)/, '"bytes": 1$1'],
    ['nothing', /^[\s\S]*$/, ''],
  ];

  it.each(edits)('are taken only as they were written: a manifest with %s is damaged', async (_, from, to) => {
    const directory = copyOf(half);
    change(manifests(directory).at(-1)!, from, to);
    const { stream, text } = recorder();
    await runIn(directory, { progress: stream });
    expect(text()).toMatch(/is damaged/);
    expectSameEnd(directory);
    expect(metricsOf(directory)).toBe(metricsOf(straight));
  });

  it('that are all damaged are refused by name, and left alone', async () => {
    const directory = copyOf(half);
    const [older, newer] = manifests(directory);
    truncateSync(older.replace('.json', '.safetensors'), 50);
    change(newer, '"position"', '"positron"');
    const before = contentOf(directory);
    const error = await failure(directory);
    expect(error).toBeInstanceOf(FileFormatError);
    for (const name of [older.replace('.json', ''), newer]) expect(error.message).toContain(name);
    expect(contentOf(directory)).toEqual(before);
  });

  it('that are gone leave a finished run refused, with the way to its model', async () => {
    const directory = copyOf(straight);
    rmSync(join(directory, 'checkpoints'), { recursive: true });
    expect((await failure(directory)).message).toMatch(/received none\. Load the trained model from .*model/);
  });

  it.skipIf(process.platform === 'win32')('that cannot be read are not taken for damaged', async () => {
    for (const extension of ['.json', '.safetensors']) {
      const directory = copyOf(half);
      const path = manifests(directory).at(-1)!.replace('.json', extension);
      rmSync(path);
      symlinkSync(path, path); // the system refuses to follow it: ELOOP
      const error = await failure(directory);
      expect(error).toBeInstanceOf(StorageError);
      expect(error).toMatchObject({ systemCode: 'ELOOP' });
      expect(manifests(directory)).toHaveLength(2);
    }
  });
});

describe('samples of a test', () => {
  const test = tinySamples(12, 8, 0.2);

  it('are judged when all is over, in the result, the report and the summary, again for a run that is finished', async () => {
    const directory = join(root, 'tested');
    const { model, test: figures } = await runIn(directory, { test });
    expect(figures).toEqual(await evaluate(model, test, { progress: false }));
    const report = readFileSync(join(directory, 'report.html'), 'utf8');
    const [, section] = /<h2>Test<\/h2>(.*?)<\/section>/s.exec(report) ?? [];
    expect(section).toContain(`${(100 * figures!.digit.metrics.accuracy).toFixed(1)} %`);
    expect(JSON.parse(readFileSync(join(directory, 'summary.json'), 'utf8')).test).toEqual(
      JSON.parse(JSON.stringify(figures)),
    );
    expectSameEnd(directory); // nothing is learned from them
    expect((await runIn(directory, { test })).test).toEqual(figures);
  });

  it('are checked before the first step', async () => {
    const directory = join(root, 'untested');
    const wrong = [...test, { a: 'none', targets: { digit: 1 } }];
    expect((await failure(directory, { test: wrong as never })).message).toMatch(/^test, sample 12/);
    expect(runStatus(directory)).toBe('none');
  });
});

describe('a report', () => {
  it('that the user has written into is not replaced with its run', async () => {
    const directory = copyOf(straight);
    appendFileSync(join(directory, 'report.html'), '<p>notes</p>');
    const before = contentOf(directory);
    const error = await failure(directory, { resume: false });
    expect(error).toBeInstanceOf(ConfigError);
    expect(error.message).toMatch(/report\.html: expected .* the report as it was written/);
    expect(contentOf(directory)).toEqual(before);
    rmSync(join(directory, 'report.html'));
    await runIn(directory, { resume: false });
    expectSameEnd(directory);
  });
});

describe('metrics', () => {
  it('that the user has written into stay beside the run that replaces it, and those of the run go with it', async () => {
    const changes: [string, (path: string) => void][] = [
      ['a line behind', (path) => appendFileSync(path, 'my notes\n')],
      ['another file', (path) => writeFileSync(path, 'my notes\n')],
      ['a changed line', (path) => writeFileSync(path, readFileSync(path, 'utf8').replace('"loss":', '"my loss":'))],
      ['nothing', () => {}],
    ];
    for (const [what, change] of changes) {
      const directory = copyOf(straight);
      const path = join(directory, 'metrics.jsonl');
      change(path);
      const before = readFileSync(path, 'utf8');
      await runIn(directory, { resume: false });
      const copy = join(directory, 'metrics.damaged-1.jsonl');
      expect(existsSync(copy) ? readFileSync(copy, 'utf8') : undefined, what).toBe(
        what === 'nothing' ? undefined : before,
      );
    }
  });
});

describe('a summary', () => {
  it('that is damaged is refused by name', async () => {
    const directory = copyOf(straight);
    change(join(directory, 'summary.json'), /"steps": (\d)/, '"steps": 1$1');
    expect((await failure(directory)).message).toMatch(/summary\.json: expected content with the checksum/);
    expect(() => runStatus(directory)).toThrow(FileFormatError);
  });
});

describe('metrics', () => {
  const records = (directory: string) => {
    const text = readFileSync(join(directory, 'metrics.jsonl'), 'utf8');
    expect(text.endsWith('\n')).toBe(true);
    return text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string; step: number; epoch: number });
  };

  it.each([
    ['lost', (path: string) => rmSync(path), 0],
    ['cut in the middle of a line', (path: string) => truncateSync(path, 500), 1],
    ['changed', (path: string) => change(path, '"step":2', '"step":1'), 1],
  ])('that were %s are put together again, and what was there is kept', async (_, damage, copies) => {
    const directory = copyOf(half);
    const path = join(directory, 'metrics.jsonl');
    damage(path);
    const before = existsSync(path) ? readFileSync(path, 'utf8') : undefined;
    const { stream, text } = recorder();
    await runIn(directory, { progress: stream });
    expect(text()).toContain('put together again');
    const wanted = records(straight);
    const steps = records(directory).filter(({ type }) => type === 'step');
    expect(steps.length).toBeGreaterThan(0);
    expect(new Set(steps.map(({ step }) => step)).size).toBe(steps.length);
    expect(
      records(directory)
        .filter(({ type }) => type === 'epoch')
        .map(({ step }) => step),
    ).toEqual(wanted.filter(({ type }) => type === 'epoch').map(({ step }) => step));
    const order = records(directory).map(({ type, step }) => 2 * step + Number(type === 'epoch'));
    expect(order).toEqual([...order].sort((a, b) => a - b));
    const kept = readdirSync(directory).filter((file) => file.startsWith('metrics.damaged'));
    expect(kept).toHaveLength(copies);
    if (kept.length > 0) expect(readFileSync(join(directory, kept[0]), 'utf8')).toBe(before);
    expectSameEnd(directory);
  });

  it('lose lines that a crash left behind the checkpoint, but no lines of others', async () => {
    const directory = copyOf(half);
    appendFileSync(join(directory, 'metrics.jsonl'), '{"type":"step","step":99}\n{"type":"st');
    await runIn(directory);
    expect(metricsOf(directory)).toBe(metricsOf(straight));
    expect(readdirSync(directory)).not.toContain('metrics.damaged-1.jsonl');

    const other = copyOf(half);
    appendFileSync(join(other, 'metrics.jsonl'), '{"type":"mine"}\n');
    await runIn(other);
    expect(metricsOf(other)).toBe(metricsOf(straight));
    expect(readFileSync(join(other, 'metrics.damaged-1.jsonl'), 'utf8')).toMatch(/\{"type":"mine"\}\n$/);
  });
});

describe('the folder', () => {
  it('is one run’s at a time', async () => {
    const directory = join(root, 'two');
    const outcomes = await Promise.allSettled([runIn(directory), runIn(directory)]);
    const [rejected] = outcomes.flatMap((own) => (own.status === 'rejected' ? [own.reason] : []));
    expect(rejected).toBeInstanceOf(LockedError);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expectSameEnd(directory);
    expect(metricsOf(directory)).toBe(metricsOf(straight));
    expect(readdirSync(directory)).not.toContain('.polymodal');
  });

  it('is let go whatever happens', async () => {
    const directory = join(root, 'let go');
    const fails = () => {
      throw new Error('mine');
    };
    expect((await failure(directory, { onEpoch: fails })).message).toBe('mine');
    await runIn(directory);
    expectSameEnd(directory);
  });

  it('that is a file, or no path, is refused', async () => {
    write(root, ['a file']);
    expect(await failure(join(root, 'a file'))).toBeInstanceOf(StorageError);
    expect(await failure(join(root, 'a file', 'below'))).toBeInstanceOf(StorageError);
    expect(await failure('a\0b')).toBeInstanceOf(StorageError);
    expect(await failure(5 as never)).toBeInstanceOf(ConfigError);
  });
});

it('counts seconds by a clock that nobody sets', async () => {
  const directory = join(root, 'clock');
  const now = vi.spyOn(Date, 'now');
  const { epochs } = await runIn(directory, { onEpoch: ({ epoch }) => void now.mockReturnValue(epoch % 2 ? 0 : 4e12) });
  now.mockRestore();
  const seconds = epochs.map((record) => record.seconds);
  expect(seconds).toEqual([...seconds].sort((a, b) => a - b));
  expect(seconds[0]).toBeGreaterThan(0);
  expect(seconds.at(-1)).toBeLessThan(3600);
});

describe('a loss that is not finite', () => {
  it.each([
    [{ epochs: 2 }, /and no checkpoint is from before: none was due yet\.$/],
    [{ steps: 2 }, /and the last checkpoint, after step \d*[02468], is from before\.$/],
  ])('is told with the checkpoint to go back to: %o', async (checkpointEvery, hint) => {
    const model = tinyModel();
    const spoil = () => {
      for (const parameter of model.parameters().values()) {
        parameter.assignValues(new Float32Array(parameter.size).fill(Number.NaN));
      }
    };
    const { evaluate: _, ...unmeasured } = tinyRun;
    const options = {
      ...unmeasured,
      directory: join(root, `spoilt-${copies++}`),
      checkpointEvery,
      onEpoch: spoil,
      ema: false,
    } as const;
    const error = await train(model, options).catch((caught) => caught);
    expect(error).toBeInstanceOf(NonFiniteLossError);
    expect(error.hint).toMatch(hint);
  });
});

describe('what a run knows of its data', () => {
  it('is removed with it, and no other file of that name is', async () => {
    for (const name of ['data.jsonl', 'evaluate.jsonl']) {
      const directory = copyOf(straight);
      write(directory, [name]);
      const before = contentOf(directory);
      const error = await failure(directory, { resume: false });
      expect(error).toBeInstanceOf(ConfigError);
      expect(error.message).toContain(`${name}: expected no file, or the lines that the run wrote of its data`);
      expect(contentOf(directory)).toEqual(before);
    }
    const directory = copyOf(straight);
    write(directory, ['data.more.jsonl']);
    const before = contentOf(directory);
    const error = await failure(directory, { resume: false, data: { more: tinyRun.data } });
    expect(error.message).toContain('data.more.jsonl: expected no file');
    expect(contentOf(directory)).toEqual(before);
    rmSync(join(directory, 'data.more.jsonl'));
    await runIn(directory, { resume: false });
    expectSameEnd(directory);
  });
});
