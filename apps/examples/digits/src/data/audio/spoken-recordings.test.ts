import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError, FileFormatError, RandomKey, SampleError, UnknownNameError } from '@polymodal/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { recordTones, toneWav } from '../testing/record-tones';
import { listRecordings } from './list-recordings';
import { splitSpeakers } from './speaker-split';
import { readRecordings } from './spoken-recordings';

const key = RandomKey.from(0);
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'recordings-'));
});
afterEach(() => rm(folder, { recursive: true }));

const read = async (testSpeakers?: readonly string[]) => {
  const recordings = await listRecordings(folder);
  return readRecordings(recordings, splitSpeakers(recordings, testSpeakers, key));
};

describe('recordings', () => {
  it('are heard at 8 kHz without the silence, test speakers in the test only', async () => {
    await recordTones(folder, ['ada', 'bo', 'cy', 'di']);
    const speech = await read();
    const voices = (split: keyof typeof speech) => new Set(speech[split].flat().map(({ voice }) => voice));
    expect(voices('test').size).toBe(1);
    expect(voices('train').size).toBe(3);
    expect(voices('validation')).toEqual(voices('train'));
    expect([...voices('train')].some((voice) => voices('test').has(voice))).toBe(false);
    expect(speech.train.flat().length).toBe(30);
    for (const [digit, utterances] of speech.test.entries()) {
      for (const utterance of utterances) {
        expect(utterance.digit).toBe(digit);
        expect(Math.abs(utterance.samples.length - 1000)).toBeLessThanOrEqual(160); // an eighth of a second, ± a frame
      }
    }
  });

  it('need a folder with WAV files', async () => {
    await expect(listRecordings(join(folder, 'none'))).rejects.toBeInstanceOf(ConfigError);
    await expect(listRecordings(folder)).rejects.toThrow('without a WAV file');
  });

  it('need names that tell digit, speaker and take', async () => {
    await recordTones(folder, ['ada', 'bo']);
    await writeFile(join(folder, 'seven.wav'), toneWav(300));
    await expect(listRecordings(folder)).rejects.toBeInstanceOf(FileFormatError);
    await expect(listRecordings(folder)).rejects.toThrow('7_jackson_12.wav');
  });

  it('are listed by count and name where the names tell something else', async () => {
    await recordTones(folder, ['ada', 'bo']);
    for (let i = 0; i < 7; i++) await writeFile(join(folder, `noise-${i}.wav`), '');
    await writeFile(join(folder, 'notes.txt'), ''); // is no recording
    await expect(listRecordings(folder)).rejects.toThrow(
      'received 7 of 47 WAV files with other names: "noise-0.wav", "noise-1.wav", "noise-2.wav", "noise-3.wav", "noise-4.wav" and 2 more.',
    );
  });

  it('put the speakers that are asked for in the test, and nobody else', async () => {
    await recordTones(folder, ['ada', 'bo', 'cy', 'di']);
    const speech = await read(['di', 'bo']);
    const voices = (split: keyof typeof speech) => [...new Set(speech[split].flat().map(({ voice }) => voice))].sort();
    expect(voices('test')).toEqual(['bo', 'di']);
    expect(voices('train')).toEqual(['ada', 'cy']);
    expect(voices('validation')).toEqual(['ada', 'cy']);
  });

  it('are not of a speaker whose name is misspelt, and leave somebody to train on', async () => {
    await recordTones(folder, ['ada', 'bo']);
    await expect(read(['adda'])).rejects.toBeInstanceOf(UnknownNameError);
    await expect(read(['adda'])).rejects.toThrow(
      '--test-speakers: expected speakers of the recordings, received "adda". Did you mean "ada"?',
    );
    await expect(read(['bo', 'ada'])).rejects.toThrow('fewer than all 2 speakers');
  });

  it('need two speakers', async () => {
    await recordTones(folder, ['ada']);
    await expect(read()).rejects.toThrow('expected at least two speakers, since none is heard in both');
  });

  it('need all digits in every split', async () => {
    await recordTones(folder, ['ada', 'bo']);
    for (const take of [0, 1]) for (const who of ['ada', 'bo']) await rm(join(folder, `7_${who}_${take}.wav`));
    await expect(read()).rejects.toThrow(/recordings of all ten digits in the training, received none of 7/);
  });

  it.each([
    ['is empty', () => Buffer.alloc(0)],
    ['is no sound at all', () => Buffer.from('hello, I am a text')],
    ['ends in the header', () => toneWav(300).subarray(0, 30)],
    ['has no samples', () => toneWav(300).subarray(0, 44)],
    ['is silent', () => toneWav(0)],
  ])('are refused by name where a file %s', async (_, content) => {
    await recordTones(folder, ['ada', 'bo']);
    await writeFile(join(folder, '4_bo_1.wav'), content());
    await expect(read()).rejects.toBeInstanceOf(SampleError);
    await expect(read()).rejects.toThrow('4_bo_1.wav');
  });
});
