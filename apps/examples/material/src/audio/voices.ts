import type { RandomKey } from '@polymodal/core';
import type { Split } from '../split';
import { uniformIn } from '../uniform-in';

/** What eSpeak NG needs to speak as somebody. */
export interface Voice {
  /** Accent and speaker, as eSpeak NG names them: `gmw/en-US+linda`. */
  readonly name: string;
  /** 0 … 99. */
  readonly pitch: number;
  /** Liveliness of the intonation, 0 … 99. */
  readonly range: number;
  /** Words a minute. */
  readonly rate: number;
}

const accents = [
  'gmw/en-US',
  'gmw/en-US-nyc',
  'gmw/en',
  'gmw/en-GB-scotland',
  'gmw/en-GB-x-gbclan',
  'gmw/en-GB-x-gbcwmd',
  'gmw/en-GB-x-rp',
  'gmw/en-029',
];

/** Voice variants of eSpeak NG, one of each family (`steph`, but not `steph2`), without the robots. */
const speakers = [
  ...['f1', 'f2', 'f3', 'f4', 'f5', 'm1', 'm2', 'm3', 'm4', 'm5', 'm6', 'm7', 'm8', 'Alex', 'Alicia', 'Andrea', 'Andy'],
  ...['Annie', 'Denis', 'Diogo', 'Gene', 'Henrique', 'Hugo', 'Jacky', 'Lee', 'Mario', 'Michael', 'Mike', 'Nguyen'],
  ...['Reed', 'adam', 'anika', 'announcer', 'antonio', 'aunty', 'belinda', 'benjamin', 'boris', 'caleb', 'croak'],
  ...['david', 'ed', 'edward', 'grandma', 'grandpa', 'gustave', 'ian', 'iven', 'john', 'kaukovalta', 'klatt', 'linda'],
  ...['marcelo', 'max', 'michel', 'miguel', 'norbert', 'pablo', 'paul', 'pedro', 'quincy', 'rob', 'robert', 'sandro'],
  ...['shelby', 'steph', 'travis', 'victor', 'whisper', 'zac'],
];

/** Of the speakers, how many are heard in each of these splits; the training takes the others. */
const heldOut = { validation: 8, test: 18 };

/**
 * Draws so many voices for each split. A speaker belongs to one split only, whatever the accent, the pitch and the
 * speed, and lends its timbre to every so many-th voice of it.
 */
export function drawVoices(counts: Readonly<Record<Split, number>>, key: RandomKey): Record<Split, Voice[]> {
  const order = [...key.fold('speakers').shuffle(speakers.length)].map((i) => speakers[i]);
  const test = order.splice(0, heldOut.test);
  const validation = order.splice(0, heldOut.validation);
  const voicesOf = (who: readonly string[], count: number) =>
    Array.from({ length: count }, (_, n) => {
      const speaker = who[n % who.length];
      return drawVoice(speaker, key.fold(speaker).fold(Math.floor(n / who.length)));
    });
  return {
    train: voicesOf(order, counts.train),
    validation: voicesOf(validation, counts.validation),
    test: voicesOf(test, counts.test),
  };
}

/** Words for a voice's settings: it identifies the voice. */
export function voiceId({ name, pitch, range, rate }: Voice): string {
  return `${name} pitch ${pitch} range ${range} rate ${rate}`;
}

function drawVoice(speaker: string, key: RandomKey): Voice {
  return {
    name: `${accents[key.fold('accent').integer(0, accents.length)]}+${speaker}`,
    pitch: Math.round(uniformIn([25, 75], key.fold('pitch'))),
    range: Math.round(uniformIn([30, 70], key.fold('range'))),
    rate: Math.round(uniformIn([125, 200], key.fold('rate'))),
  };
}
