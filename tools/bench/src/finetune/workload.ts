import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
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
  const draw = seeded(7);
  const count = config.trainingSamples + config.heldOutSamples;
  const pictures = new Uint8Array(count * pictureSize ** 2 * 3);
  const samples = Array.from({ length: count }, (_, index): WorkloadSample => {
    const bright = draw() < 0.5;
    const begin = index * pictureSize ** 2 * 3;
    for (let at = 0; at < pictureSize ** 2 * 3; at++)
      pictures[begin + at] = Math.floor(draw() * 128) + (bright ? 127 : 0);
    const text = Array.from({ length: 4 + Math.floor(draw() * 37) }, () => words[Math.floor(draw() * words.length)]);
    return { text: text.join(' '), bright };
  });
  writeFileSync(join(folder, 'workload.json'), JSON.stringify({ config, samples }));
  writeFileSync(join(folder, 'pictures.bin'), pictures);
}

export function readWorkload(folder: string): FinetuneWorkload & { readonly pictures: Uint8Array } {
  const workload = JSON.parse(readFileSync(join(folder, 'workload.json'), 'utf8')) as FinetuneWorkload;
  return { ...workload, pictures: new Uint8Array(readFileSync(join(folder, 'pictures.bin'))) };
}

/** Numbers from 0 to 1 (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
