import type { RandomKey } from '@polymodal/core';
import { drawVoices, numberWords, splits, startProgress, synthesise, voiceId } from '@polymodal/example-material';
import type { Recording } from './audio/list-recordings';
import type { SpeakerSplit } from './audio/speaker-split';
import { readRecordings } from './audio/spoken-recordings';
import { type Speech, utterancesByDigit } from './audio/utterance';
import type { DigitsSettings } from './digits-options';

/** Recordings, and who of their speakers is heard where. */
export interface RecordedSpeech {
  readonly recordings: readonly Recording[];
  readonly speakers: SpeakerSplit;
}

/** The spoken digits of every split: recordings where there are some, else the synthesiser's. */
export async function gatherSpeech(
  { voices: counts, progress: visible, signal }: DigitsSettings,
  recorded: RecordedSpeech | undefined,
  key: RandomKey,
): Promise<Speech> {
  const voices = drawVoices(counts, key);
  const everybody = splits.flatMap((split) => voices[split]);
  const total = recorded?.recordings.length ?? 10 * everybody.length;
  const progress = startProgress(recorded ? 'Reading recordings' : 'Speaking digits   ', total, visible);
  const options = { signal, onUtterance: progress.step };
  try {
    if (recorded) return await readRecordings(recorded.recordings, recorded.speakers, options);
    const spoken = await synthesise(everybody, digits, options);
    const utterances = spoken.map(({ sentence, ...own }) => ({ ...own, digit: sentence }));
    const of = (split: keyof Speech) => {
      const ids = new Set(voices[split].map(voiceId));
      return utterancesByDigit(utterances.filter(({ voice }) => ids.has(voice)));
    };
    return { train: of('train'), validation: of('validation'), test: of('test') };
  } finally {
    progress.stop();
  }
}

const digits = numberWords.find(({ language }) => language === 'en')!.words;
