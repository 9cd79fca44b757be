import { addModality, composeModel } from '@polymodal/core';
import { numberWords } from '@polymodal/example-material';
import { zeroShot } from '@polymodal/heads';
import { modalities } from '../data';
import { encoders, hiddenSize } from '../encoders';
import { registry } from '../registry';
import { toSample } from '../samples';
import type { Architecture } from './architecture';

/** What a sample may be: the towers read the words as they read any text. */
const candidates = numberWords.find(({ language }) => language === 'en')!.words.map((text) => ({ text }));

/**
 * Towers whose vectors lie in one space (CLIP), one for each modality. They answer by which English word is nearest, and where several
 * modalities are there, by the product of what each says.
 */
export const dualTower: Architecture = {
  model: (slots, seed) =>
    composeModel(registry, {
      hiddenSize,
      seed,
      encoders: Object.fromEntries(slots.map((slot) => [slot, encoders[slot]])),
      fusion: { use: 'none' },
      heads: { match: { use: 'contrastive', target: 'digit', embeddingSize: hiddenSize } },
    }),
  toSample,
  answersOf: (model) => async (samples) => {
    const logits = samples.map(() => new Array<number>(candidates.length).fill(0));
    for (const modality of modalities) {
      const having = [...samples.keys()].filter((index) => samples[index][modality] !== undefined);
      const own = having.map((index) => ({ [modality]: samples[index][modality] }));
      const rows = await zeroShot(model, own, candidates, { batchSize: 64 });
      rows.forEach((row, at) => {
        row.forEach((probability, digit) => {
          logits[having[at]][digit] += Math.log(probability);
        });
      });
    }
    return logits.map(softmax);
  },
  modalityDropout: 0.05,
  withoutWord: 0,
  widen: (model, slot) => addModality(registry, model, slot, encoders[slot]),
};

function softmax(logits: readonly number[]): number[] {
  const most = Math.max(...logits);
  const shares = logits.map((logit) => Math.exp(logit - most));
  const sum = shares.reduce((total, own) => total + own, 0);
  return shares.map((own) => own / sum);
}
