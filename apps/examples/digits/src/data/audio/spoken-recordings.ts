import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError, FileFormatError, type RandomKey, SampleError } from '@polymodal/core';
import { mixToMono, readRecording, resample } from '@polymodal/encoder-audio';
import { trimSilence } from './trim-silence';
import { type Speech, sampleRate, type Utterance, utterancesByDigit } from './utterance';

const namePattern = /^(?<digit>\d)_(?<speaker>[^_]+)_(?<take>\d+)\.wav$/;

/** A recording on disk, `{digit}_{speaker}_{take}.wav`. */
export interface Recording {
  readonly file: string;
  readonly digit: number;
  readonly speaker: string;
  readonly take: number;
}

/**
 * Lists a folder of recordings.
 *
 * @throws ConfigError for a folder that is not there or holds no WAV file, FileFormatError for a name that does not fit
 */
export async function listRecordings(folder: string): Promise<Recording[]> {
  let names: string[];
  try {
    names = (await readdir(folder)).filter((name) => name.toLowerCase().endsWith('.wav')).sort();
  } catch (cause) {
    throw new ConfigError({
      where: '--speech',
      expected: 'a folder',
      received: `"${folder}"`,
      hint: `${cause}`,
      cause,
    });
  }
  if (names.length === 0) {
    throw new ConfigError({
      where: '--speech',
      expected: 'a folder of recordings named {digit}_{speaker}_{take}.wav',
      received: `"${folder}" without a WAV file`,
    });
  }
  return names.map((name) => parseName(folder, name));
}

/**
 * Reads recordings and splits them: a quarter of the speakers, at least one, are heard in the test only. The others are
 * trained on but for a tenth of their takes, which make the validation.
 *
 * @throws ConfigError for fewer than two speakers or a split that lacks a digit, SampleError for a file without sound
 */
export async function readRecordings(
  recordings: readonly Recording[],
  key: RandomKey,
  { signal, onUtterance }: { signal?: AbortSignal; onUtterance?: () => void } = {},
): Promise<Speech> {
  const speakers = [...new Set(recordings.map(({ speaker }) => speaker))].sort();
  if (speakers.length < 2) {
    throw new ConfigError({
      where: '--speech',
      expected: 'at least two speakers, since none is heard in both training and test',
      received: `only "${speakers[0]}"`,
      hint: 'Add recordings of somebody else.',
    });
  }
  const order = key.shuffle(speakers.length);
  const tested = new Set([...order.subarray(0, Math.max(1, Math.round(speakers.length / 4)))].map((i) => speakers[i]));
  const parts: Record<keyof Speech, Utterance[]> = { train: [], validation: [], test: [] };
  for (const recording of recordings) {
    signal?.throwIfAborted();
    const split = tested.has(recording.speaker) ? 'test' : recording.take % 10 === 0 ? 'validation' : 'train';
    parts[split].push(await hear(recording));
    onUtterance?.();
  }
  return {
    train: digitsOf('training', parts.train),
    validation: digitsOf('validation', parts.validation),
    test: digitsOf('test', parts.test),
  };
}

function parseName(folder: string, name: string): Recording {
  const groups = namePattern.exec(name)?.groups;
  if (!groups) {
    throw new FileFormatError({
      where: join(folder, name),
      expected: 'a name like 7_jackson_12.wav: {digit}_{speaker}_{take}.wav',
      received: `"${name}"`,
      hint: 'Rename the file or move it out of the folder.',
    });
  }
  return { file: join(folder, name), digit: Number(groups.digit), speaker: groups.speaker, take: Number(groups.take) };
}

async function hear({ file, digit, speaker }: Recording): Promise<Utterance> {
  const recording = await readRecording(file);
  const samples = trimSilence(resample(mixToMono(recording), recording.sampleRate, sampleRate), sampleRate);
  if (samples.length === 0) {
    const hint = 'Record it again, or move it out of the folder.';
    throw new SampleError({ where: file, expected: 'a spoken digit', received: 'silence', hint });
  }
  return { digit, voice: speaker, samples };
}

function digitsOf(split: string, utterances: readonly Utterance[]): Utterance[][] {
  const byDigit = utterancesByDigit(utterances);
  const missing = byDigit.flatMap(({ length }, digit) => (length === 0 ? [digit] : []));
  if (missing.length > 0) {
    throw new ConfigError({
      where: '--speech',
      expected: `recordings of all ten digits in the ${split}`,
      received: `none of ${missing.join(', ')}`,
      hint: 'Every speaker should say every digit at least twice, one take with a number that ends in 0.',
    });
  }
  return byDigit;
}
