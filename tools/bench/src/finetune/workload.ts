import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RandomKey } from '@polymodal/core';
import type { FinetuneConfig } from './configs';

export const pictureSize = 224;

/** A sample; its picture stands at its place in `pictures.bin`. */
interface WorkloadSample {
  readonly text: string;
  readonly bright: boolean;
}

/** What all contenders read beside the folders `clip` and `minilm`, which Python writes. */
export interface FinetuneWorkload {
  readonly config: FinetuneConfig;
  readonly samples: readonly WorkloadSample[];
}

const words = [
  'sieben',
  'dos',
  'three',
  'of',
  'the',
  'and',
  'dogs',
  'in',
  'a',
  'house',
  'red',
  'green',
  'before',
  'never',
];

/** Texts of 4 to 40 words, and pictures of noise, some of which are bright. */
export function writeWorkload(folder: string, config: FinetuneConfig): void {
  const count = config.trainingSamples + config.heldOutSamples;
  const size = pictureSize ** 2 * 3;
  const pictures = new Uint8Array(count * size);
  const samples = Array.from({ length: count }, (_, index): WorkloadSample => {
    const key = RandomKey.from(7).fold(index);
    const bright = key.fold('bright').integer(0, 2) === 1;
    const least = bright ? 127 : 0;
    pictures.set(
      key
        .fold('picture')
        .uniform(size)
        .map((value) => least + Math.floor(128 * value)),
      index * size,
    );
    const drawn = key.fold('text').uniform(4 + key.fold('length').integer(0, 37));
    return { text: Array.from(drawn, (value) => words[Math.floor(words.length * value)]).join(' '), bright };
  });
  writeFileSync(join(folder, 'workload.json'), JSON.stringify({ config, samples }));
  writeFileSync(join(folder, 'pictures.bin'), pictures);
}

export function readWorkload(folder: string): FinetuneWorkload & { readonly pictures: Uint8Array } {
  const workload = JSON.parse(readFileSync(join(folder, 'workload.json'), 'utf8')) as FinetuneWorkload;
  return { ...workload, pictures: new Uint8Array(readFileSync(join(folder, 'pictures.bin'))) };
}
