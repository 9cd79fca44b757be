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
import { FeatureCache } from './feature-cache';
import { FileChecksums } from './file-checksums';
import { sampleKey } from './sample-key';
import { indexMagic, shardMagic } from './shard-files';

let directory: string;
beforeEach(() => {
  directory = join(temporaryFolder(), 'cache');
});
beforeAll(() => tf.setBackend('cpu'));

const namesOf = (ending: string) => readdirSync(directory).filter((name) => name.endsWith(ending));

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
    const [probes] = [(await trained()).runs];
    const shard = join(directory, namesOf('.shard')[0]);
    const content = readFileSync(shard);
    content[200] ^= 1; // in the first sample
    writeFileSync(shard, content);
    const mended = await trained();
    expect(mended.parameters).toEqual(first.parameters);
    expect(mended.runs).toBe(probes + 3); // the slots of one sample
    truncateSync(shard, content.length - 10); // as a loss of power does
    const cut = await trained();
    expect(cut.runs).toBeGreaterThan(probes);
    expect(cut.runs).toBeLessThanOrEqual(probes + 3);
    expect((await trained({ data: data.slice(1) })).runs).toBeGreaterThan(50); // its mean is another
    expect((await trained({}, threadedModel(undefined, 1e-30))).runs).toBeGreaterThan(50);
  });

  it('keeps all in few files, which another process reads while they grow, and of which a kill leaves what is whole', async () => {
    const setup = { directory, maxBytes: 2 ** 18, identity: 'x' };
    const [one, other] = [new FeatureCache(setup), new FeatureCache(setup)];
    mkdirSync(directory, { recursive: true });
    const keys = Array.from({ length: 24 }, (_, index) => createHash('sha256').update(String(index)).digest('hex'));
    const sampleOf = (index: number) => ({
      features: {
        a: { values: { data: Float32Array.from({ length: 300 }, (_, at) => index + at / 7), shape: [300] } },
      },
      targets: {},
    });
    keys.forEach((key, index) => {
      expect(other.find(key)).toBeUndefined();
      expect((index % 2 ? one : other).keep(key, sampleOf(index))).toBeGreaterThan(1200);
      expect(one.find(key)).toEqual(sampleOf(index));
      expect(other.find(key)).toEqual(sampleOf(index));
    });
    expect(namesOf('.shard').length).toBeLessThan(8); // of a thirty-second of the bound each
    const [shard] = namesOf('.shard');
    const index = join(directory, shard.replace('.shard', '.index'));
    truncateSync(index, statSync(index).size - 20); // a kill in the middle of an entry
    const later = new FeatureCache(setup);
    const found = keys.filter((key) => later.find(key));
    expect(found).toHaveLength(23);
    for (const key of found) expect(later.find(key)).toEqual(sampleOf(keys.indexOf(key)));
    for (const name of namesOf('.shard')) {
      const written = readFileSync(join(directory, name));
      writeFileSync(join(directory, name), written.fill(7, shardMagic.length)); // in place, under readers that have checked it before
    }
    for (const key of found) expect(later.find(key)).toBeUndefined();
    for (const cache of [one, other, later]) cache.close();
  });

  it('does without files that the file system refuses', async () => {
    const cache = new FeatureCache({ directory: join(directory, 'gone'), maxBytes: 2 ** 20, identity: 'x' });
    expect(cache.find('00'.repeat(32))).toBeUndefined();
    expect(cache.keep('00'.repeat(32), { features: {}, targets: {} })).toBe(0);
    cache.close();
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
    expect(readdirSync(directory)).toHaveLength(0);
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
  const bytes = 1000;

  /** A shard and its index, so many bytes together, that was last used so many seconds ago. */
  function write(letter: string, secondsAgo: number, content: Buffer = shardMagic): string {
    const path = join(directory, `${letter.repeat(24)}.shard`);
    mkdirSync(directory, { recursive: true });
    writeFileSync(path.replace('.shard', '.index'), indexMagic);
    writeFileSync(path, Buffer.concat([content, Buffer.alloc(bytes - indexMagic.length - content.length)]));
    const time = Date.now() / 1000 - secondsAgo;
    utimesSync(path, time, time);
    return path;
  }

  it('has those give way that were not used for longest, those of this run stay, and nothing of others goes', async () => {
    const own = ['a', 'b', 'c', 'd', 'e'].map((letter, index) => write(letter, 1000 - index));
    const others = [join(directory, 'notes.txt'), join(directory, 'picture.shard')];
    for (const path of others) writeFileSync(path, 'mine');
    const named = write('f', 9999, Buffer.from('no features, though it is called so'));
    const room = await CacheRoom.open(directory, 5.5 * bytes);
    const areThere = () => own.map((path) => existsSync(path));
    expect(areThere()).toEqual([false, false, true, true, true]);
    expect(existsSync(own[0].replace('.shard', '.index'))).toBe(false);
    expect([...others, named].every((path) => existsSync(path))).toBe(true);
    expect(room.hasRoom).toBe(true);
    for (const letter of ['1', '2']) {
      write(letter, -1);
      await room.add(bytes);
    }
    expect(areThere()).toEqual([false, false, false, false, true]);
    for (const letter of ['3', '4', '5']) {
      write(letter, -1);
      await room.add(bytes);
    }
    expect(room.hasRoom).toBe(false); // all that is left is of this run
    expect(statSync(join(directory, `${'4'.repeat(24)}.shard`)).size).toBe(bytes - indexMagic.length);
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
