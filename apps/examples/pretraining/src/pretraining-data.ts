import { RandomKey, type Sample } from '@polymodal/core';
import { type DigitSample, prepareDigits, type SampleList } from '@polymodal/example-digits/data';
import { caption } from '@polymodal/example-scenes/language/captions';
import { drawPicture } from '@polymodal/example-scenes/scene/draw-picture';
import { plainScenes } from '@polymodal/example-scenes/scene/edition';
import { drawScene } from '@polymodal/example-scenes/scene/scene';
import type { Dataset } from '@polymodal/trainer';

/** What is learned from, and what is measured with. */
export interface PretrainingData {
  /** Pictures of digits with their words, spoken and written, as they go by without a label. */
  readonly pairs: Dataset;
  /** Pictures of scenes with captions. */
  readonly scenes: Dataset;
  /** Digits seen and heard, with labels: the first so many. */
  labelled(count: number): Dataset;
  /** Others of other writers and voices. */
  readonly test: Dataset;
}

/** Those of `npm start`, which are prepared once for both. */
const prepared = { train: 12_000, validation: 500, test: 1500 } as const;

/**
 * The data of a start, always the same ones. A word names its digit, so it is as good as a label where it is spelt right: it says so in a
 * third of the languages, and with typing errors, as captions of pictures do.
 */
export async function makeData(
  sizes: { readonly digits: number; readonly scenes: number; readonly test: number },
  signal: AbortSignal,
): Promise<PretrainingData> {
  const { train, test } = await prepareDigits({ sizes: prepared, signal });
  const key = RandomKey.from(0).fold('scenes');
  return {
    pairs: listed(train, sizes.digits, ({ image, audio, text }) => ({ image, audio, text, targets: told(text) })),
    scenes: { length: sizes.scenes, get: (index) => sceneOf(key.fold(index)) },
    labelled: (count) => listed(train, count, seenAndHeard),
    test: listed(test, sizes.test, seenAndHeard),
  };
}

function sceneOf(key: RandomKey): Sample {
  const scene = drawScene(plainScenes, key);
  const text = caption(scene);
  return { image: drawPicture(scene, plainScenes.size), text, targets: told(text) };
}

/** What is learned of a caption: to write it, and that pictures with the same one match. */
function told(text: string): Sample['targets'] {
  return { caption: text, match: text };
}

/** Without the word, which would tell. */
function seenAndHeard({ image, audio, targets }: DigitSample): Sample {
  return { image, audio, targets: { digit: targets.digit } };
}

function listed(list: SampleList, length: number, sampleOf: (digit: DigitSample) => Sample): Dataset {
  return { length, get: (index) => sampleOf(list.get(index)) };
}
