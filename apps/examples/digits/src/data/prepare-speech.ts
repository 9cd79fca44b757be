import { RandomKey } from '@polymodal/core';
import { listRecordings } from './audio/list-recordings';
import { describeSplit, splitSpeakers } from './audio/speaker-split';
import type { Speech } from './audio/utterance';
import { type DigitsOptions, type DigitsSettings, parseOptions } from './digits-options';
import { gatherSpeech, type RecordedSpeech } from './speech';

/**
 * The spoken digits alone, as they are: no voice of one split is heard in another, but that the validation has other takes of recorded
 * speakers.
 *
 * @throws as `prepareDigits`
 */
export async function prepareSpeech(options: DigitsOptions = {}): Promise<Speech> {
  const settings = parseOptions(options);
  return gatherSpeech(settings, await findSpeech(settings), speechKey(settings.seed));
}

/** The recordings that are asked for, if they are; who is heard where is said before the work. */
export async function findSpeech(settings: DigitsSettings): Promise<RecordedSpeech | undefined> {
  const { speech, testSpeakers, seed, progress } = settings;
  if (speech === undefined) return undefined;
  const recordings = await listRecordings(speech);
  const speakers = splitSpeakers(recordings, testSpeakers, speechKey(seed));
  if (progress) console.error(describeSplit(speakers, recordings));
  return { recordings, speakers };
}

/** What is drawn of speech follows from it. */
export function speechKey(seed: number): RandomKey {
  return RandomKey.from(seed).fold('speech');
}
