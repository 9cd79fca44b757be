import { ConfigError, type RandomKey, suggestNames, UnknownNameError } from '@polymodal/core';
import type { Recording } from './list-recordings';

/** Who is heard where. Nobody is in both. */
export interface SpeakerSplit {
  readonly train: readonly string[];
  readonly test: readonly string[];
}

/**
 * Keeps speakers for the test: those that are asked for, else a quarter of them at random, at least one.
 *
 * @throws ConfigError where nobody would be left for the training or the test, UnknownNameError for a speaker of whom
 *   there is no recording
 */
export function splitSpeakers(
  recordings: readonly Recording[],
  asked: readonly string[] | undefined,
  key: RandomKey,
): SpeakerSplit {
  const speakers = [...new Set(recordings.map(({ speaker }) => speaker))].sort();
  if (speakers.length < 2) {
    throw new ConfigError({
      where: '--speech',
      expected: 'at least two speakers, since none is heard in both training and test',
      received: `only "${speakers[0]}"`,
      hint: 'Add recordings of somebody else.',
    });
  }
  const tested = new Set(asked ? checked(asked, speakers) : drawn(speakers, key));
  return { train: speakers.filter((speaker) => !tested.has(speaker)), test: speakers.filter((s) => tested.has(s)) };
}

/** The split in a sentence, with the number of recordings of each. */
export function describeSplit({ train, test }: SpeakerSplit, recordings: readonly Recording[]): string {
  const count = (name: string) => recordings.filter(({ speaker }) => speaker === name).length;
  const list = (names: readonly string[]) => names.map((name) => `${name} (${count(name)})`).join(', ');
  return `Recordings: ${list(train)} in the training and validation, ${list(test)} in the test.`;
}

function drawn(speakers: readonly string[], key: RandomKey): string[] {
  const order = key.shuffle(speakers.length);
  return [...order.subarray(0, Math.max(1, Math.round(speakers.length / 4)))].map((i) => speakers[i]);
}

function checked(asked: readonly string[], speakers: readonly string[]): readonly string[] {
  const where = '--test-speakers';
  const unknown = asked.find((name) => !speakers.includes(name));
  if (unknown !== undefined) {
    throw new UnknownNameError({
      where,
      expected: 'speakers of the recordings',
      received: `"${unknown}"`,
      hint: suggestNames(unknown, speakers),
    });
  }
  if (new Set(asked).size < speakers.length) return asked;
  throw new ConfigError({
    where,
    expected: `fewer than all ${speakers.length} speakers, so that somebody is left to train on`,
    received: asked.join(', '),
  });
}
