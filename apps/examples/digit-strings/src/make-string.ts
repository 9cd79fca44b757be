import type { RandomKey } from '@polymodal/core';
import { resample } from '@polymodal/encoder-audio';
import { makeNoise, type Utterance } from '@polymodal/example-digits/data';
import { drawWeighted, meanPower, numberWords, type Range, sampleRate, uniformIn } from '@polymodal/example-material';

/** Several digits said one after the other by one voice. */
export interface DigitString {
  /** At `sampleRate`. */
  readonly samples: Float32Array;
  readonly text: string;
  readonly voice: string;
  /** When each digit begins and ends, in seconds. */
  readonly spans: readonly (readonly [start: number, end: number])[];
}

/** How hard strings are to understand: what is drawn is drawn uniformly. */
export interface StringRecipe {
  readonly digits: readonly [number, number];
  /** Seconds of silence before, between and behind digits. */
  readonly pause: Range;
  readonly speed: Range;
  /** Decibels: of each digit beside the others, of the whole, and of the voice above the noise. */
  readonly liveliness: Range;
  readonly level: Range;
  readonly signalToNoise: Range;
}

export const recipe: StringRecipe = {
  digits: [1, 7],
  pause: [0.02, 0.35],
  speed: [0.85, 1.15],
  liveliness: [-4, 4],
  level: [-32, -14],
  signalToNoise: [5, 30],
};

/** The words of the digits 0 to 9. */
export const words = numberWords.find(({ language }) => language === 'en')!.words;

/**
 * Strings digits together that one voice says, each of several takes of it where there are some.
 *
 * @param speech the utterances of each digit
 */
export function makeString(speech: readonly (readonly Utterance[])[], key: RandomKey, how = recipe): DigitString {
  const first = pick(speech[key.fold('digit').integer(0, 10)], key.fold('voice'));
  const [least, most] = how.digits;
  const digits = Array.from({ length: key.fold('count').integer(least, most + 1) }, (_, place) =>
    key.fold('digits').fold(place).integer(0, 10),
  );
  const pause = (place: number) => Math.round(uniformIn(how.pause, key.fold('pause').fold(place)) * sampleRate);
  const parts: Float32Array[] = [new Float32Array(pause(0))];
  const spans: [number, number][] = [];
  let length = parts[0].length;
  for (const [place, digit] of digits.entries()) {
    const own = key.fold('take').fold(place);
    const said = pick(
      speech[digit].filter(({ voice }) => voice === first.voice),
      own,
    );
    const spoken = resample(said.samples, Math.round(100 * uniformIn(how.speed, own.fold('speed'))), 100);
    const gain = Math.sqrt(decibels(uniformIn(how.liveliness, own.fold('gain'))) / meanPower(spoken));
    spans.push([length / sampleRate, (length + spoken.length) / sampleRate]);
    parts.push(
      spoken.map((value) => gain * value),
      new Float32Array(pause(place + 1)),
    );
    length += spoken.length + parts.at(-1)!.length;
  }
  const samples = new Float32Array(length);
  let at = 0;
  for (const part of parts) {
    samples.set(part, at);
    at += part.length;
  }
  return {
    samples: inNoise(samples, how, key),
    text: digits.map((digit) => words[digit]).join(' '),
    voice: first.voice,
    spans,
  };
}

/** The voice has a power of about 1. */
function inNoise(samples: Float32Array, how: StringRecipe, key: RandomKey): Float32Array {
  const kind = drawWeighted({ white: 1, pink: 1 }, key.fold('kind'));
  const noise = makeNoise(kind, samples.length, [], key.fold('noise'));
  const noiseGain = Math.sqrt(1 / decibels(uniformIn(how.signalToNoise, key.fold('ratio'))) / meanPower(noise));
  const level = Math.sqrt(decibels(uniformIn(how.level, key.fold('level'))));
  return samples.map((value, i) => Math.min(1, Math.max(-1, level * (value + noiseGain * noise[i]))));
}

/** Ratio of powers. */
function decibels(value: number): number {
  return 10 ** (value / 10);
}

function pick<T>(list: readonly T[], key: RandomKey): T {
  return list[key.integer(0, list.length)];
}
