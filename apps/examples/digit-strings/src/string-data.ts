import { RandomKey, type Sample } from '@polymodal/core';
import { prepareSpeech, type Speech, type Utterance } from '@polymodal/example-digits/data';
import { sampleRate } from '@polymodal/example-material';
import { type DigitString, makeString } from './make-string';
import type { Options } from './options';

/** Strings that are made anew whenever they are asked for: the same each time. */
export interface Strings {
  readonly length: number;
  get(index: number): Sample;
  /** With what is known of it. */
  string(index: number): DigitString;
}

/** What is learned from, and what is tested: voices that the training knows are in no test. */
export interface StringData {
  readonly train: Strings;
  readonly validation: Strings;
  readonly tests: Readonly<Record<string, Strings>>;
}

/** Synthesised voices, and people beside them where there are recordings. */
export async function prepareStrings(options: Options, signal: AbortSignal): Promise<StringData> {
  const { seed, strings, test, speech: folder, testSpeakers } = options;
  const spoken = await prepareSpeech({ seed, signal });
  const recorded =
    folder === undefined ? undefined : await prepareSpeech({ seed, signal, speech: folder, testSpeakers });
  const key = RandomKey.from(seed).fold('strings');
  const sources = (split: keyof Speech) => [spoken[split], ...(recorded ? [recorded[split]] : [])];
  return {
    train: stringsOf(sources('train'), strings, key.fold('train')),
    validation: stringsOf(sources('validation'), 200, key.fold('validation')),
    tests: {
      'synthesised voices': stringsOf([spoken.test], test, key.fold('test')),
      ...(recorded && { people: stringsOf([recorded.test], test, key.fold('people')) }),
    },
  };
}

/** Of several sources in turn. */
function stringsOf(sources: readonly (readonly (readonly Utterance[])[])[], length: number, key: RandomKey): Strings {
  const string = (index: number) => makeString(sources[index % sources.length], key.fold(index));
  return {
    length,
    string,
    get(index) {
      const { samples, text } = string(index);
      return { speech: { samples, sampleRate }, targets: { text } };
    },
  };
}
