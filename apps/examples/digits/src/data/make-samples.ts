import { setImmediate } from 'node:timers/promises';
import type { RandomKey } from '@polymodal/core';
import { misspell, numberWords, slipsOf } from '@polymodal/example-material';
import { degradeAudio, windowLength } from './audio/degrade-audio';
import type { Utterance } from './audio/utterance';
import type { Degradation } from './degradation';
import { degradeImage } from './image/degrade-image';
import type { Picture } from './mnist-pictures';
import { PackedSamples } from './packed-samples';

/** What the samples of one split are made from. */
export interface SampleSources {
  /** By digit; each picture is used once, in this order. */
  readonly pictures: readonly (readonly Picture[])[];
  /** By digit; drawn with replacement. */
  readonly utterances: readonly (readonly Utterance[])[];
  /** Of the first sample; those of the others follow. */
  readonly firstTypingSeed: number;
}

/** How many samples are made before the event loop gets a turn, for the progress bar and Ctrl-C. */
const turn = 50;

const alphabet = numberWords.map(slipsOf);

/** Makes `length` samples, the digits as evenly distributed as possible and in random order. */
export async function makeSamples(
  length: number,
  { pictures, utterances, firstTypingSeed }: SampleSources,
  degradation: Degradation,
  { split: key, typing }: { readonly split: RandomKey; readonly typing: RandomKey },
  { signal, onSample }: { signal?: AbortSignal; onSample?: () => void } = {},
): Promise<PackedSamples> {
  const samples = PackedSamples.allocate(length, windowLength(degradation.audio));
  const everybody = utterances.flat();
  const used = new Uint32Array(10);
  for (const [index, position] of key.fold('order').shuffle(length).entries()) {
    if (index % turn === 0) await setImmediate();
    signal?.throwIfAborted();
    const here = key.fold(index);
    const digit = position % 10;
    const picture = pictures[digit][used[digit]++];
    const utterance = utterances[digit][here.fold('utterance').integer(0, utterances[digit].length)];
    const row = here.fold('language').integer(0, numberWords.length);
    const { language, words } = numberWords[row];
    const typingSeed = firstTypingSeed + index;
    const text = misspell(words[digit], alphabet[row], degradation.text, typing.fold(typingSeed));
    samples.set(
      index,
      { digit, text, source: { picture: picture.id, voice: utterance.voice, language, typingSeed } },
      degradeImage(picture.pixels, degradation.image, here.fold('image')),
      degradeAudio(utterance, everybody, degradation.audio, here.fold('audio')),
    );
    onSample?.();
  }
  return samples;
}
