import { RandomKey, type Sample } from '@polymodal/core';
import { readMissingTable } from '@polymodal/data';
import {
  contradict,
  type DigitSample,
  modalities,
  prepareDigits,
  type SampleList,
} from '@polymodal/example-digits/data';
import { tablePath } from '../missing/stored-tables';
import type { Task } from './task';

/** The most that a budget may ask for, so that the data are made once for all. */
const sizes = { train: 3072, validation: 256, test: 500 };

const layers = { numHiddenLayers: 2, numAttentionHeads: 4, hiddenDropout: 0 };

/** Digits seen, heard and read, as the example has them: each modality useful, and none sufficient. */
export async function digitsTask(train: number, signal: AbortSignal): Promise<Task> {
  const data = await prepareDigits({ sizes, signal });
  const { slots, missing } = await readMissingTable(tablePath('digits'));
  const contradictory = contradict(data.test, sizes.test, RandomKey.from(0).fold('contradiction'));
  return {
    name: 'digits',
    encoders: {
      image: { use: 'vit', imageSize: 28, channels: 1, patchSize: 7, ...layers },
      audio: {
        use: 'mel-transformer',
        sampleRate: 8000,
        numMelBins: 40,
        windowLength: 256, // 32 ms
        hopLength: 128, // 16 ms: 51 frames, and 13 tokens
        bucketSize: 52,
        ...layers,
      },
      text: { use: 'transformer', maxLength: 24, bucketSize: 24, ...layers },
    },
    condition: 'text',
    causalHost: 'text',
    labels: Array.from({ length: 10 }, (_, digit) => String(digit)),
    train: samplesOf(data.train, train),
    validation: samplesOf(data.validation, sizes.validation),
    test: samplesOf(data.test, sizes.test),
    noise: { image: 'picture', audio: 'recording', text: 'text' },
    missing: missing.map((place) => slots[place] ?? null),
    contradictions: Array.from({ length: sizes.test }, (_, index) => {
      const { modality, from } = contradictory.get(index).contradiction;
      return { slot: modality, from };
    }),
  };
}

function samplesOf(list: SampleList, count: number): Sample[] {
  return Array.from({ length: count }, (_, index) => toSample(list.get(index)));
}

function toSample(digit: DigitSample): Sample {
  const values = modalities.map((modality) => [modality, digit[modality]]);
  return { ...Object.fromEntries(values), targets: { answer: String(digit.targets.digit) } };
}
