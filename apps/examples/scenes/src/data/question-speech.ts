import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { FileFormatError, type RandomKey } from '@polymodal/core';
import {
  drawVoices,
  readChecked,
  type Split,
  sampleRate,
  splits,
  startProgress,
  synthesise,
  synthesiserVersion,
  type Voice,
  voiceId,
  writeChecked,
} from '@polymodal/example-material';
import type { Recording } from './scene-sample';

/** What is spoken, and how. */
export interface SpeechRecipe {
  readonly sentences: readonly string[];
  /** Voices of each split, none of whose speakers another split has. */
  readonly voices: Readonly<Record<Split, number>>;
  readonly key: RandomKey;
}

/** Where speech is kept, and how its making is shown and stopped. */
export interface SpeechSettings {
  readonly cache: string;
  readonly progress: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** One sentence by one voice. */
interface SpokenSentence extends Recording {
  readonly voice: string;
}

/** The sentences by every voice of a split: by voice, then by sentence. */
export type QuestionSpeech = Readonly<Record<Split, readonly (readonly SpokenSentence[])[]>>;

/**
 * Sentences spoken by the synthesiser, once: then they come from the cache, and a damaged file of it is made anew.
 *
 * @throws SpeechError when the synthesiser fails; the reason of `signal` when that aborts
 */
export async function speakQuestions(recipe: SpeechRecipe, settings: SpeechSettings): Promise<QuestionSpeech> {
  const { sentences, key } = recipe;
  const voices = drawVoices(recipe.voices, key);
  const everybody = splits.flatMap((split) => voices[split]);
  const path = join(settings.cache, `${hashOf(sentences, everybody)}.speech`);
  const spoken = decode(await readChecked(path), path) ?? (await speak(everybody, sentences, path, settings));
  const ofVoice = (voice: Voice): SpokenSentence[] => {
    const first = everybody.indexOf(voice) * sentences.length;
    const own = spoken.slice(first, first + sentences.length);
    return own.map((samples) => ({
      samples: new Float32Array(samples).map((value) => value / 32767),
      sampleRate,
      voice: voiceId(voice),
    }));
  };
  return {
    train: voices.train.map(ofVoice),
    validation: voices.validation.map(ofVoice),
    test: voices.test.map(ofVoice),
  };
}

async function speak(
  voices: readonly Voice[],
  sentences: readonly string[],
  path: string,
  { progress: visible, signal }: SpeechSettings,
): Promise<Int16Array[]> {
  const progress = startProgress('Speaking questions', voices.length * sentences.length, visible);
  try {
    const utterances = await synthesise(voices, sentences, {
      ...(signal && { signal }),
      onUtterance: progress.step,
    });
    const spoken = utterances.map(({ samples }) => Int16Array.from(samples, (value) => Math.round(32767 * value)));
    await writeChecked(path, encode(spoken), signal);
    return spoken;
  } finally {
    progress.stop();
  }
}

function hashOf(sentences: readonly string[], voices: readonly Voice[]): string {
  const recipe = { synthesiser: synthesiserVersion(), sentences, voices: voices.map(voiceId) };
  return createHash('sha256').update(JSON.stringify(recipe)).digest('hex').slice(0, 16);
}

/** How many there are, the length of each, then all samples. */
function encode(spoken: readonly Int16Array[]): Uint8Array[] {
  const lengths = Uint32Array.of(spoken.length, ...spoken.map(({ length }) => length));
  return [lengths, ...spoken].map(
    ({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength),
  );
}

function decode(bytes: Uint8Array | undefined, where: string): Int16Array[] | undefined {
  if (!bytes) return undefined;
  const { buffer } = new Uint8Array(bytes); // a copy, so that it is aligned
  const [count] = new Uint32Array(buffer, 0, 1);
  const lengths = new Uint32Array(buffer, 4, count);
  let at = 4 * (1 + count);
  const end = lengths.reduce((sum, length) => sum + 2 * length, at);
  if (end !== buffer.byteLength)
    throw new FileFormatError({ where, expected: `${end} bytes`, received: String(buffer.byteLength) });
  return Array.from(lengths, (length) => {
    at += 2 * length;
    return new Int16Array(buffer, at - 2 * length, length);
  });
}
