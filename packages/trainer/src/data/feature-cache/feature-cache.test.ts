import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { readParameters, type Sample } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { temporaryFolder } from '../../testing/temporary-folder';
import { tinySamples } from '../../testing/tiny-model';
import { processed, threadedModel } from '../../testing/tiny-plugin';
import { tinyRun } from '../../testing/tiny-run';
import { train } from '../../train';
import type { TrainOptions } from '../../train-options';
import { CacheRoom } from './cache-room';
import { encodeFeatures } from './feature-file';
import { FileChecksums } from './file-checksums';
import { sampleKey } from './sample-key';

let directory: string;
beforeEach(() => {
  directory = join(temporaryFolder(), 'cache');
});
beforeAll(() => tf.setBackend('cpu'));

const filesOf = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());

describe('training with a cache of features', () => {
  const data = tinySamples(20);
  const evaluate = tinySamples(5, 9);

  /** How often a processor ran, and what came of it. */
  async function trained(options: Partial<TrainOptions> = {}, model = threadedModel(undefined, 0)) {
    const before = processed.count;
    await train(model, {
      ...tinyRun,
      data,
      evaluate,
      epochs: 2,
      cacheBytes: 0,
      featureCache: directory,
      ...options,
    } as TrainOptions);
    return { runs: processed.count - before, parameters: await readParameters(model) };
  }

  it('prepares nothing a second time, and learns the same', async () => {
    const without = await trained({ featureCache: undefined });
    const first = await trained();
    expect(first.parameters).toEqual(without.parameters);
    const second = await trained();
    expect(second.parameters).toEqual(without.parameters);
    expect(first.runs).toBeGreaterThan(60);
    expect((await trained({ workers: 1 })).parameters).toEqual(without.parameters);
    expect(second.runs).toBeLessThan(8); // the first sample of each data set, by which it is known whether what is kept is right
  });

  it('prepares anew what is damaged, and what processors of other options or other knowledge make', async () => {
    const first = await trained();
    const [file] = filesOf(directory);
    truncateSync(join(file.parentPath, file.name), 100);
    const mended = await trained();
    expect(mended.parameters).toEqual(first.parameters);
    const [probes] = [(await trained()).runs];
    expect(mended.runs).toBe(probes + 3); // the slots of one sample
    expect((await trained({ data: data.slice(1) })).runs).toBeGreaterThan(50); // its mean is another
    expect((await trained({}, threadedModel(undefined, 1e-30))).runs).toBeGreaterThan(50);
  });

  it('may lie in the folder of a run, also of one that failed before it began', async () => {
    const run = temporaryFolder();
    const options = { directory: run, featureCache: join(run, 'cache'), epochs: 1 };
    const wrong = [...data, { a: [1], targets: { digit: 9 } }];
    await expect(trained({ ...options, data: wrong })).rejects.toThrow('data, sample 20');
    expect(readdirSync(run)).toContain('cache');
    await trained(options);
    expect(readdirSync(run)).toEqual(expect.arrayContaining(['cache', 'config.json', 'model']));
  });

  it('keeps nothing that is made with random numbers', async () => {
    const options = { epochs: 1, evaluate: undefined };
    await trained(options, threadedModel(undefined, 0.1));
    expect(filesOf(directory)).toHaveLength(0);
  });
});

describe('sampleKey', () => {
  const files = new FileChecksums();

  const samples: Sample[] = [
    { a: [1, 2] },
    { a: [12] },
    { a: ['1', 2] },
    { a: [1], b: [2] },
    { a: { 0: 1, 1: 2 } },
    { a: Float32Array.of(1, 2) },
    { a: Int32Array.of(1, 2) },
    { a: [1, 2], targets: { digit: 1 } },
    { a: null },
    { a: 'null' },
    { a: -0 },
    { a: 0 },
    { a: 0n },
  ];

  it('tells samples apart by what is in them, and not by what nothing reads', async () => {
    const keys = await Promise.all(samples.map((sample) => sampleKey(sample, 'x', files)));
    expect(new Set(keys).size).toBe(samples.length);
    expect(await sampleKey({ a: [1, 2], meta: { id: 3 } }, 'x', files)).toBe(keys[0]);
    expect(await sampleKey({ a: [1, 2] }, 'y', files)).not.toBe(keys[0]);
    expect(await sampleKey({ a: new (class Picture {})() }, 'x', files)).toBeUndefined();
  });

  it('goes by the content of files, whatever their times', async () => {
    const path = join(temporaryFolder(), 'a.json');
    const keyOf = async (content: string) => {
      writeFileSync(path, content);
      utimesSync(path, 1, 1);
      return sampleKey({ a: path }, 'x', files);
    };
    const key = await keyOf('[1]');
    expect(await keyOf('[2]')).not.toBe(key);
    expect(await keyOf('[1]')).toBe(key);
  });
});

describe('CacheRoom', () => {
  const content = encodeFeatures({ features: {}, targets: {} });

  /** A file that was last used so many seconds ago. */
  function write(name: string, secondsAgo: number, bytes: Uint8Array = content): string {
    const path = join(directory, name);
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, bytes);
    const time = Date.now() / 1000 - secondsAgo;
    utimesSync(path, time, time);
    return path;
  }

  const named = (letter: string) => `${letter.repeat(2)}/${letter.repeat(62)}.features`;

  it('has those give way that were not used for longest, those of this run stay, and nothing of others goes', async () => {
    const own = ['a', 'b', 'c', 'd', 'e'].map((letter, index) => write(named(letter), 1000 - index));
    const others = [
      write('notes.txt', 9999),
      write('aa/picture.png', 9999),
      write(named('f'), 9999, new TextEncoder().encode('no features, though it is called so')),
      write(`ab/${'a'.repeat(62)}.features.0123456789ab-1-1-01234567.tmp`, 60), // of another process, at work
    ];
    const abandoned = write(`ab/${'b'.repeat(62)}.features.0123456789ab-1-1-01234567.tmp`, 9999);
    const room = await CacheRoom.open(directory, content.length * 4.5);
    expect(own.map((path) => existsSync(path))).toEqual([false, false, true, true, true]);
    expect(others.every((path) => existsSync(path))).toBe(true);
    expect(existsSync(abandoned)).toBe(false);
    expect(room.hasRoom).toBe(true);
    for (const letter of ['1', '2']) {
      write(named(letter), -1);
      await room.add(content.length);
    }
    expect(own.map((path) => existsSync(path))).toEqual([false, false, false, false, true]);
    for (const letter of ['3', '4', '5']) {
      write(named(letter), -1);
      await room.add(content.length);
    }
    expect(room.hasRoom).toBe(false); // all that is left is of this run
    expect(readFileSync(others[0])).toEqual(Buffer.from(content));
    expect(statSync(join(directory, named('4'))).size).toBe(content.length);
  });

  it('goes on where somebody takes the folder away', async () => {
    const room = await CacheRoom.open(directory, 10);
    rmSync(directory, { recursive: true });
    await room.add(11);
    await room.add(11);
    expect(existsSync(directory)).toBe(false);
  });
});

describe('FileChecksums', () => {
  it('reads a file again only if it was changed, and has none of what is no file', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'a.bin');
    const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
    const files = new FileChecksums();
    writeFileSync(path, 'one');
    const one = sha256('one');
    expect(await files.of(path)).toBe(one);
    const hashed = vi.spyOn(Object.getPrototypeOf(createHash('sha256')), 'digest');
    expect(await files.of(path)).toBe(one);
    expect(hashed).not.toHaveBeenCalled();
    writeFileSync(path, 'two'); // as long
    expect(await files.of(path)).not.toBe(one);
    expect(hashed).toHaveBeenCalledTimes(1);
    hashed.mockRestore();
    expect(await files.of(path)).toBe(sha256('two'));
    expect(await files.of(folder)).toBeUndefined();
    expect(await files.of(join(folder, 'b.bin'))).toBeUndefined();
  });
});
