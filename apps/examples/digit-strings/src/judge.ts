import { RandomKey } from '@polymodal/core';
import { type CtcText, wordErrorRate } from '@polymodal/head-text';
import type { StringData, Strings } from './string-data';
import type { StringsModel } from './strings-model';

/** How well strings are written down. */
export interface StringFigures {
  /** Words that are wrong, missing or too many, for each word that was said. */
  readonly wordErrorRate: number;
  /** Of 95 %, by the bootstrap over strings. */
  readonly interval: readonly [number, number];
  /** The share of strings that are right as a whole. */
  readonly right: number;
  /** Seconds between where a digit begins and where it is said to, the mean over strings that are right. */
  readonly secondsOff: number;
}

/** A string, and what was heard. */
export interface HeardString {
  readonly index: number;
  readonly said: string;
  readonly heard: CtcText;
}

/** How each token by itself, and a search among prefixes, do on each test. */
export async function judge(model: StringsModel, { tests }: StringData, beams: number, signal: AbortSignal) {
  const figures: Record<string, Record<string, StringFigures>> = {};
  const heard: Record<string, HeardString[]> = {};
  for (const [test, strings] of Object.entries(tests)) {
    figures[test] = {};
    for (const [way, numBeams] of Object.entries({ greedy: 1, beams })) {
      const told = await listen(model, strings, numBeams, signal);
      figures[test][way] = figuresOf(strings, told);
      heard[test] = told;
    }
  }
  return { figures, heard };
}

async function listen(
  model: StringsModel,
  strings: Strings,
  numBeams: number,
  signal: AbortSignal,
): Promise<HeardString[]> {
  const samples = Array.from({ length: strings.length }, (_, index) => strings.get(index));
  const answers = await model.predict(samples, { batchSize: 32, heads: { text: { numBeams } }, signal });
  return answers.map(({ text: heard }, index) => {
    return { index, said: (samples[index].targets as { text: string }).text, heard };
  });
}

/** How often strings are drawn anew for the interval. */
const resamples = 1000;

function figuresOf(strings: Strings, heard: readonly HeardString[]): StringFigures {
  const rate = (rows: readonly HeardString[]) =>
    wordErrorRate(
      rows.map(({ said }) => said),
      rows.map(({ heard: { text } }) => text),
    );
  const key = RandomKey.from(0).fold('resamples');
  const drawn = Array.from({ length: resamples }, (_, n) => {
    const own = key.fold(n);
    return rate(heard.map((_row, place) => heard[own.fold(place).integer(0, heard.length)]));
  }).sort((a, b) => a - b);
  const right = heard.filter(({ said, heard: { text } }) => said === text);
  const off = right.flatMap(({ index, heard: { words } }) => {
    const { spans } = strings.string(index);
    return words.map(({ start }, place) => Math.abs(start! - spans[place][0]));
  });
  return {
    wordErrorRate: rate(heard),
    interval: [drawn[Math.floor(0.025 * resamples)], drawn[Math.ceil(0.975 * resamples) - 1]],
    right: right.length / heard.length,
    secondsOff: off.reduce((sum, one) => sum + one, 0) / Math.max(1, off.length),
  };
}
