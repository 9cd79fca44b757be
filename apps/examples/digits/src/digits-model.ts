import { composeModel, type Model } from '@polymodal/core';
import { registry } from './registry';

/** The fusions that are compared: all get the same encoders, heads, data and number of steps. */
export const fusions = ['masked-transformer', 'concat', 'mean'] as const;

export type FusionName = (typeof fusions)[number];

const hiddenSize = 64;
const layers = { numHiddenLayers: 2, numAttentionHeads: 4, hiddenDropout: 0.1 };

/** A model over pictures, speech and text that names the digit and aligns the three modalities. */
export function digitsModel(fusion: FusionName, seed: number): Model {
  return composeModel(registry, {
    hiddenSize,
    seed,
    encoders: {
      image: { use: 'vit', imageSize: 28, channels: 1, patchSize: 4, ...layers },
      audio: { use: 'mel-transformer', sampleRate: 8000, numMelBins: 40, ...layers },
      text: { use: 'transformer', maxLength: 32, ...layers },
    },
    fusion: fusion === 'masked-transformer' ? { use: fusion, ...layers } : { use: fusion, numHiddenLayers: 2 },
    heads: {
      digit: { use: 'classification', labels: 10 },
      match: { use: 'contrastive', target: 'digit' },
    },
  });
}
