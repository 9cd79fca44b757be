import { join } from 'node:path';
import { RandomKey } from '@polymodal/core';
import { readChecked, startProgress, writeChecked } from '@polymodal/example-material';
import type { DigitsData } from './digit-sample';
import { decodeDigits, encodeDigits, type PackedDigits } from './digits-file';
import { type DigitsOptions, type DigitsSettings, parseOptions } from './digits-options';
import { makeSamples } from './make-samples';
import { drawPictures, type Picture } from './mnist-pictures';
import { findSpeech, speechKey } from './prepare-speech';
import { hashRecipe } from './recipe';
import { gatherSpeech, type RecordedSpeech } from './speech';

/**
 * The data of the example: digits seen (MNIST), heard (synthesised or recorded) and read (number words), each made
 * hard. They are generated once and then come from the cache; a damaged cache file is made anew.
 *
 * No picture, voice or typing seed of one split occurs in another, with one exception: of recorded speech, the
 * validation has other takes of the training's voices.
 *
 * ```ts
 * const { train, test } = await prepareDigits({ seed: 1 });
 * const { image, audio, text, targets } = train.get(0);
 * ```
 *
 * @throws ConfigError, UnknownNameError, FileFormatError or SampleError for options or recordings that cannot be used, SpeechError when
 *   the synthesiser fails, the reason of `signal` when that aborts
 */
export async function prepareDigits(options: DigitsOptions = {}): Promise<DigitsData> {
  const settings = parseOptions(options);
  const recorded = await findSpeech(settings);
  const recipe = await hashRecipe(settings, recorded);
  const path = join(settings.cache, `${recipe}.digits`);
  const cached = await readChecked(path);
  if (cached) return { ...decodeDigits(cached, path), recipe };
  const data = await generate(settings, recorded);
  await writeChecked(path, encodeDigits(data), settings.signal);
  return { ...data, recipe };
}

async function generate(settings: DigitsSettings, recorded: RecordedSpeech | undefined): Promise<PackedDigits> {
  const { seed, sizes, degradation, progress: visible, signal } = settings;
  const key = RandomKey.from(seed);
  const pictures = assignPictures(sizes, key.fold('pictures'));
  const speech = await gatherSpeech(settings, recorded, speechKey(seed));

  const progress = startProgress('Degrading samples ', sizes.train + sizes.validation + sizes.test, visible);
  const make = (split: keyof PackedDigits, firstTypingSeed: number) =>
    makeSamples(
      sizes[split],
      { pictures: pictures[split], utterances: speech[split], firstTypingSeed },
      degradation,
      { split: key.fold(split), typing: key.fold('typing') },
      { signal, onSample: progress.step },
    );
  try {
    return {
      train: await make('train', 0),
      validation: await make('validation', sizes.train),
      test: await make('test', sizes.train + sizes.validation),
    };
  } finally {
    progress.stop();
  }
}

/** Pictures of each split: the test's come from MNIST's own test file, whose writers wrote nothing of the other. */
function assignPictures(sizes: DigitsSettings['sizes'], key: RandomKey): Record<keyof PackedDigits, Picture[][]> {
  const perDigit = (split: keyof PackedDigits) => Math.ceil(sizes[split] / 10);
  const training = drawPictures('train', perDigit('train') + perDigit('validation'), key.fold('train'));
  return {
    train: training.map((pictures) => pictures.slice(0, perDigit('train'))),
    validation: training.map((pictures) => pictures.slice(perDigit('train'))),
    test: drawPictures('t10k', perDigit('test'), key.fold('test')),
  };
}
