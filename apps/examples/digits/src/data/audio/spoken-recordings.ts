import { ConfigError, SampleError } from '@polymodal/core';
import { mixToMono, readRecording, resample } from '@polymodal/encoder-audio';
import { type Split, sampleRate, splits, trimSilence } from '@polymodal/example-material';
import type { Recording } from './list-recordings';
import type { SpeakerSplit } from './speaker-split';
import { type Speech, type Utterance, utterancesByDigit } from './utterance';

/**
 * Reads recordings: the speakers of the test are heard there only, the others are trained on but for a tenth of their
 * takes, which make the validation.
 *
 * @throws ConfigError for a split that lacks a digit, before anything is read, SampleError for a file without sound
 */
export async function readRecordings(
  recordings: readonly Recording[],
  { test }: SpeakerSplit,
  { signal, onUtterance }: { signal?: AbortSignal; onUtterance?: () => void } = {},
): Promise<Speech> {
  const splitOf = ({ speaker, take }: Recording): Split =>
    test.includes(speaker) ? 'test' : take % 10 === 0 ? 'validation' : 'train';
  for (const split of splits)
    checkDigits(
      split,
      recordings.filter((recording) => splitOf(recording) === split),
    );
  const parts: Record<Split, Utterance[]> = { train: [], validation: [], test: [] };
  for (const recording of recordings) {
    signal?.throwIfAborted();
    parts[splitOf(recording)].push(await hear(recording));
    onUtterance?.();
  }
  return {
    train: utterancesByDigit(parts.train),
    validation: utterancesByDigit(parts.validation),
    test: utterancesByDigit(parts.test),
  };
}

function checkDigits(split: Split, recordings: readonly Recording[]): void {
  const spoken = new Set(recordings.map(({ digit }) => digit));
  const missing = Array.from({ length: 10 }, (_, digit) => digit).filter((digit) => !spoken.has(digit));
  if (missing.length === 0) return;
  throw new ConfigError({
    where: '--speech',
    expected: `recordings of all ten digits in the ${split === 'train' ? 'training' : split}`,
    received: `none of ${missing.join(', ')}`,
    hint:
      split === 'test'
        ? 'Every speaker of the test should say every digit, or more people take part in it: --test-speakers.'
        : 'Every speaker should say every digit at least twice, one take with a number that ends in 0.',
  });
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
