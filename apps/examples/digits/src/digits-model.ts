import { composeModel, type Model } from '@polymodal/core';
import { modalities } from './data';
import { encoders, hiddenSize, layers } from './encoders';
import { registry } from './registry';

/** The fusions that are compared: all get the same encoders, heads, data and number of steps. */
export const fusions = ['masked-transformer', 'concat', 'mean'] as const;

export type FusionName = (typeof fusions)[number];

export type Modality = (typeof modalities)[number];

/** The main model again, learning from samples some of which contradict themselves. */
export const taughtToDoubt = 'contradictions';

/** What is trained: all three modalities under a fusion, or one of them alone. */
export type Contender = FusionName | typeof taughtToDoubt | Modality;

const match = { use: 'contrastive', target: 'digit' } as const;

/** A model that names the digit: over pictures, speech and text, or some of them, which it aligns, or over one alone. */
export function digitsModel(contender: Contender, seed: number, slots: readonly Modality[] = modalities): Model {
  if (isModality(contender)) return singleModel(contender, seed);
  return fusedModel(contender === taughtToDoubt ? 'masked-transformer' : contender, seed, slots);
}

/** Whether a contender is a modality alone. */
function isModality(contender: Contender): contender is Modality {
  return (modalities as readonly string[]).includes(contender);
}

function fusedModel(fusion: FusionName, seed: number, slots: readonly Modality[]): Model {
  const own = Object.fromEntries(slots.map((slot) => [slot, encoders[slot]]));
  const parts = { hiddenSize, seed, encoders: own };
  if (fusion === 'masked-transformer') {
    return composeModel(registry, {
      ...parts,
      fusion: { use: fusion, numHiddenLayers: 1, tokensPerModality: 'pooled', ...layers },
      heads: { digit: { use: 'expert-classification', labels: 10 }, match },
    });
  }
  return composeModel(registry, {
    ...parts,
    fusion: { use: fusion, numHiddenLayers: 1, hiddenDropout: 0 },
    heads: { digit: { use: 'classification', labels: 10 }, match },
  });
}

/** With a fusion that has nothing to join, so that its head sees what those of the others see. */
function singleModel(modality: Modality, seed: number): Model {
  return composeModel(registry, {
    hiddenSize,
    seed,
    encoders: { [modality]: encoders[modality] },
    fusion: { use: 'mean', numHiddenLayers: 1, hiddenDropout: 0 },
    heads: { digit: { use: 'classification', labels: 10 } },
  });
}
