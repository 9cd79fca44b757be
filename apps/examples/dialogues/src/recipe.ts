import type { Sample } from '@polymodal/core';
import { RandomKey } from '@polymodal/core';
import { descriptions, dialogues } from './make-dialogues';
import type { Options } from './options';

const batchSize = 8;

/**
 * The two stages of LLaVA (Liu et al. 2023, section 4.2). At first the projector learns alone, from descriptions, so that what it says of a
 * picture begins to mean something to a language model that stays as it is. Then both learn from dialogues, some of which have no picture.
 */
export function recipe({ align, tune, seed }: Pick<Options, 'align' | 'tune' | 'seed'>) {
  const key = RandomKey.from(seed).fold('train');
  return [
    {
      name: 'align',
      data: { descriptions: once(descriptions, align, key.fold('align')) },
      train: ['fusion'],
      steps: align,
      learningRate: 2e-3,
      batchSize,
    },
    {
      name: 'tune',
      data: { dialogues: once(dialogues, tune, key.fold('tune')) },
      train: ['fusion', 'encoders.text'], // of which only what LoRA adds may learn
      steps: tune,
      learningRate: 1e-3,
      batchSize,
    },
  ] as const;
}

/** As many as come once each. */
function once(make: (count: number, key: RandomKey) => Sample[], steps: number, key: RandomKey): Sample[] {
  return make(steps * batchSize, key);
}
