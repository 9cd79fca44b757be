import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError } from '@polymodal/core';
import { type Split, unreadable } from '@polymodal/example-material';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { degradation, type TextDegradation } from './degradation';
import type { DigitSample, DigitsData, SampleList } from './digit-sample';
import type { DigitsOptions } from './digits-options';
import { prepareDigits } from './prepare-digits';
import { recordTones } from './testing/record-tones';

let folder: string;
let cache: string;
let data: DigitsData;
let options: DigitsOptions;
let recordings: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'digits-'));
  cache = join(folder, 'cache');
  recordings = join(folder, 'recordings');
  await mkdir(recordings);
  await recordTones(recordings, ['ada', 'bo']);
  options = {
    seed: 5,
    sizes: { train: 120, validation: 20, test: 40 },
    voices: { train: 1, validation: 1, test: 1 },
    cache,
    progress: false,
  };
  data = await prepareDigits(options);
});
afterAll(() => rm(folder, { recursive: true }));

const all = (list: SampleList): DigitSample[] => Array.from({ length: list.length }, (_, i) => list.get(i));

describe('prepareDigits', () => {
  it('gives as many samples as asked for, evenly over the digits, in mixed order', () => {
    for (const [split, size] of Object.entries(options.sizes!)) {
      const digits = all(data[split as Split]).map(({ targets }) => targets.digit);
      expect(digits.length).toBe(size);
      for (let digit = 0; digit < 10; digit++) expect(digits.filter((d) => d === digit).length).toBe(size / 10);
      expect(digits).not.toEqual([...digits].sort());
    }
  });

  it('gives samples that are seen, heard and read', () => {
    for (const { image, audio, text } of all(data.train)) {
      expect(image.data.length).toBe(28 * 28);
      expect(Math.max(...image.data) - Math.min(...image.data)).toBeGreaterThan(40);
      expect(audio.samples.length).toBe(0.8 * 8000);
      expect(Math.max(...audio.samples)).toBeGreaterThan(0.01);
      expect(text).not.toBe('');
    }
    expect(new Set(all(data.train).map(({ source }) => source.language)).size).toBe(14);
  });

  it('shares no picture, voice or typing seed between the splits, and uses a picture and a seed once only', () => {
    const lists = [data.train, data.validation, data.test].map(all);
    for (const field of ['picture', 'voice', 'typingSeed'] as const) {
      const sets = lists.map((samples) => new Set<string | number>(samples.map(({ source }) => source[field])));
      const union = new Set(sets.flatMap((set) => [...set]));
      expect(union.size).toBe(sets.reduce((sum, { size }) => sum + size, 0));
      if (field !== 'voice') expect(union.size).toBe(180);
    }
    expect(lists[2].every(({ source }) => source.picture.startsWith('t10k-'))).toBe(true); // other writers
    expect(lists[0].some(({ source }) => source.picture.startsWith('t10k-'))).toBe(false);
  });

  it('comes back from the cache as it was made', async () => {
    const made = await readdir(cache);
    const cached = await prepareDigits(options);
    expect(await readdir(cache)).toEqual(made);
    expect(made.length).toBe(1);
    for (const split of ['train', 'validation', 'test'] as const) expect(all(cached[split])).toEqual(all(data[split]));
  });

  it('makes a damaged cache file again, with the same bytes', async () => {
    const recorded = { ...options, speech: recordings, cache: join(folder, 'damaged') };
    const made = await prepareDigits(recorded);
    const path = join(recorded.cache, (await readdir(recorded.cache))[0]);
    const whole = await readFile(path);
    await writeFile(path, whole.subarray(0, whole.length - 1000));
    expect(all((await prepareDigits(recorded)).test)).toEqual(all(made.test));
    expect((await readFile(path)).equals(whole)).toBe(true);
  });

  it('makes other data from another seed, and from another recipe where that differs', async () => {
    const text: TextDegradation = { ...degradation.text, errorRate: [0, 0] };
    const recorded = { ...options, speech: recordings, cache: join(folder, 'others') };
    const [plain, other, legible] = [
      await prepareDigits(recorded),
      await prepareDigits({ ...recorded, seed: 6 }),
      await prepareDigits({ ...recorded, degradation: { ...degradation, text } }),
    ].map(({ test }) => all(test));
    for (const modality of ['image', 'audio', 'text'] as const) {
      expect(other.map((sample) => sample[modality])).not.toEqual(plain.map((sample) => sample[modality]));
    }
    expect(legible.map(({ image }) => image)).toEqual(plain.map(({ image }) => image));
    expect(legible.map(({ audio }) => audio)).toEqual(plain.map(({ audio }) => audio));
    expect(plain.some(({ text }) => text.includes(unreadable))).toBe(true);
    expect(legible.some(({ text }) => text.includes(unreadable))).toBe(false);
  });

  it('leaves nothing behind when it is stopped', async () => {
    const before = await readdir(cache);
    const stop = new AbortController();
    const preparing = prepareDigits({ ...options, seed: 7, signal: stop.signal });
    setTimeout(() => stop.abort(), 200);
    await expect(preparing).rejects.toMatchObject({ name: 'AbortError' });
    expect(await readdir(cache)).toEqual(before);
  });

  it('refuses options that make no sense, by name', async () => {
    const ask = (wrong: object) => prepareDigits({ ...options, ...wrong });
    await expect(ask({ sizes: { train: 5, validation: 20, test: 20 } })).rejects.toThrow('digits.sizes.train');
    await expect(ask({ sizes: { train: 70_000, validation: 20, test: 20 } })).rejects.toThrow('expected at most 54210');
    await expect(ask({ sede: 1 })).rejects.toThrow('Did you mean "seed"?');
    const audio = { ...degradation.audio, signalToNoise: [5, -5] };
    await expect(ask({ degradation: { ...degradation, audio } })).rejects.toThrow(
      'digits.degradation.audio.signalToNoise',
    );
    await expect(ask({ speech: join(cache, 'nowhere') })).rejects.toBeInstanceOf(ConfigError);
  });
});
