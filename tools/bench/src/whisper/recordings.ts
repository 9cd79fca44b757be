import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RandomKey } from '@polymodal/core';
import { mixToMono, readRecording, resample } from '@polymodal/encoder-audio';
import { sampleRate as spokenRate, synthesise, type Voice } from '@polymodal/example-material';

/** Samples a second. */
export const sampleRate = 16_000;

/** What is heard. */
export interface Heard {
  readonly name: string;
  readonly samples: Float32Array;
  /** What is said in it, where that is known. */
  readonly text?: string;
}

const digits = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];
const key = RandomKey.from(14);

/** Some of at least one of a list. */
function drawn<T>(from: readonly T[], count: number, own: RandomKey): T[] {
  return [...own.uniform(count)].map((at) => from[Math.floor(at * from.length)]!);
}

/** Strings of two to eight spoken digits, each said by one speaker. @param folder `<digit>_<speaker>_<number>.wav`, as the Free Spoken Digit Dataset has them */
async function digitStrings(folder: string, count: number): Promise<Heard[]> {
  const files = readdirSync(folder)
    .filter((name) => /^\d_\w+_\d+\.wav$/.test(name))
    .sort();
  const speakers = [...new Set(files.map((name) => name.split('_')[1]!))];
  if (speakers.length === 0) throw new RangeError(`${folder} has no files such as 0_george_0.wav.`);
  const strings: Heard[] = [];
  for (let index = 0; index < count; index++) {
    const own = files.filter((name) => name.split('_')[1] === speakers[index % speakers.length]);
    const chosen = drawn(own, 2 + (index % 7), key.fold(index));
    const sounds = await Promise.all(chosen.map((name) => read(join(folder, name))));
    strings.push({
      name: `digits-${index}`,
      samples: joined(sounds, 0.12),
      text: chosen.map((name) => digits[Number(name[0])]!).join(' '),
    });
  }
  return strings;
}

/** Sentences that were read out. @param folder with `transcription`, a line for each: `<s> text </s> (name)` */
async function readSentences(folder: string): Promise<Heard[]> {
  const lines = readFileSync(join(folder, 'transcription'), 'utf8').trim().split('\n');
  return Promise.all(
    lines.map(async (line) => {
      const [, text, name] = /^<s>(.*)<\/s>\s*\((.*)\)$/.exec(line) ?? [];
      if (text === undefined)
        throw new RangeError(`${folder}/transcription: expected "<s> text </s> (name)", not "${line}".`);
      return { name: `read-${name!.slice(-4)}`, samples: await read(join(folder, `${name}.wav`)), text: text.trim() };
    }),
  );
}

const sentences = [
  'The train to the coast leaves at half past nine.',
  'Please close the window before you go to bed.',
  'She has painted the old wooden door green.',
  'There is no milk left in the kitchen.',
  'We walked along the river until it was dark.',
  'My brother plays the piano every evening.',
  'How much does the blue bicycle cost?',
  'The children are building a house of snow.',
  'He forgot his umbrella in the library again.',
  'Nobody knows when the shop will open.',
];

const voices: Voice[] = [
  { name: 'gmw/en-US', pitch: 50, range: 50, rate: 150 },
  { name: 'gmw/en', pitch: 35, range: 60, rate: 165 },
  { name: 'gmw/en-GB-x-rp', pitch: 65, range: 40, rate: 140 },
];

/** Sentences that a synthesiser says, in each of its voices. */
async function synthesised(kind: string, said: readonly string[]): Promise<Heard[]> {
  const utterances = await synthesise(voices, said);
  return utterances.map(({ sentence, samples }, index) => ({
    name: `${kind}-${index}`,
    samples: resample(samples, spokenRate, sampleRate),
    text: said[sentence]!,
  }));
}

/** Strings of two to eight digits that a synthesiser says. */
function synthesisedStrings(count: number): Promise<Heard[]> {
  const strings = Array.from({ length: Math.ceil(count / voices.length) }, (_, index) =>
    drawn(digits, 2 + (index % 7), key.fold(index)).join(' '),
  );
  return synthesised('digits', strings);
}

/** What nobody says: noise, tones and silence. */
export function otherSounds(): Heard[] {
  const noise = [0.001, 0.02, 0.2].flatMap((loudness) =>
    [0.4, 6].map((seconds) => {
      const random = key.fold(`noise ${loudness} ${seconds}`).normal(Math.round(seconds * sampleRate));
      return {
        name: `noise-${loudness}-${seconds}`,
        samples: Float32Array.from(random, (x) => Math.max(-1, Math.min(1, loudness * x))),
      };
    }),
  );
  const tone = (seconds: number) =>
    Float32Array.from({ length: seconds * sampleRate }, (_, n) => 0.3 * Math.sin((2 * Math.PI * 440 * n) / sampleRate));
  return [
    ...noise,
    ...[0.01, 3, 30].map((seconds) => ({
      name: `silence-${seconds}`,
      samples: new Float32Array(seconds * sampleRate),
    })),
    ...[1, 5].map((seconds) => ({ name: `tone-${seconds}`, samples: tone(seconds) })),
  ];
}

/**
 * What is said in the folders that the environment names (`LIBRIVOX`, `SPOKEN_DIGITS`), and by a synthesiser, which says what these do not.
 *
 * @param strings of digits, how many
 */
export async function heardWhereNamed(strings: number): Promise<Heard[]> {
  const { LIBRIVOX, SPOKEN_DIGITS } = process.env;
  return [
    ...(LIBRIVOX ? await readSentences(LIBRIVOX) : []),
    ...(await (SPOKEN_DIGITS ? digitStrings(SPOKEN_DIGITS, strings) : synthesisedStrings(strings))),
    ...(await synthesised('synthesised', sentences)),
  ];
}

/** Recordings one behind the other. */
export function joined(sounds: readonly Float32Array[], pauseSeconds: number): Float32Array {
  const pause = Math.round(pauseSeconds * sampleRate);
  const length = sounds.reduce((sum, own) => sum + own.length + pause, 0) - pause;
  const whole = new Float32Array(length);
  let at = 0;
  for (const own of sounds) {
    whole.set(own, at);
    at += own.length + pause;
  }
  return whole;
}

/** In 16 bits, so that everybody hears the same. */
export function inSixteenBits(samples: Float32Array): Int16Array {
  return Int16Array.from(samples, (own) => Math.max(-32768, Math.min(32767, Math.round(own * 32768))));
}

async function read(path: string): Promise<Float32Array> {
  const recording = await readRecording(path, (rate) => 60 * rate);
  return resample(mixToMono(recording), recording.sampleRate, sampleRate);
}
