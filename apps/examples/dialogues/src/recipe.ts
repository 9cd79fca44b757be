import { RandomKey } from '@polymodal/core';
import { descriptions, dialogues, namings } from './make-dialogues';
import type { Options } from './options';

/** Rows of descriptions are half as long as those of dialogues. */
const [short, long] = [16, 8];

/**
 * The two stages of LLaVA (Liu et al. 2023, section 4.2). At first the projector learns alone, from descriptions, so that what it says of a
 * picture begins to mean something to a language model that stays as it is. Then both learn, half of the steps to name what is seen, and
 * the others from dialogues, some of which have no picture: as long as nothing is seen, answers of yes and no teach little.
 */
export function recipe({ align, tune, seed }: Pick<Options, 'align' | 'tune' | 'seed'>) {
  const key = RandomKey.from(seed).fold('train');
  const naming = Math.ceil(tune / 2);
  const answering = tune - naming;
  const both = ['fusion', 'encoders.text']; // of which only what LoRA adds may learn
  return [
    {
      name: 'align',
      data: { descriptions: descriptions(align * short, key.fold('align')) },
      train: ['fusion'],
      steps: align,
      learningRate: 2e-3,
      batchSize: short,
    },
    {
      name: 'name',
      data: { namings: namings(naming * short, key.fold('name')) },
      train: both,
      steps: naming,
      learningRate: 1e-3,
      batchSize: short,
    },
    {
      name: 'tune',
      data: { dialogues: dialogues(answering * long, key.fold('tune')) },
      train: both,
      steps: answering,
      learningRate: 1e-3,
      batchSize: long,
    },
  ] as const;
}

/** What the layers add to a token is far longer than what the projector makes at first: it has a long way to go. */
export const projects = { match: 'fusion.projectors', learningRate: 2e-3 } as const;
