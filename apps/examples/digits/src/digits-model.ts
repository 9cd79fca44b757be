import { composeModel, type Model } from '@polymodal/core';
import { registry } from './registry';

/** The fusions that are compared: all get the same encoders, heads, data and number of steps. */
export const fusions = ['masked-transformer', 'concat', 'mean'] as const;

export type FusionName = (typeof fusions)[number];

const hiddenSize = 64;
const layers = { numAttentionHeads: 4, hiddenDropout: 0 }; // modality dropout and 12,000 samples regularise enough

/** A model over pictures, speech and text that names the digit and aligns the three modalities. */
export function digitsModel(fusion: FusionName, seed: number): Model {
  return composeModel(registry, {
    hiddenSize,
    seed,
    encoders: {
      image: { use: 'vit', imageSize: 28, channels: 1, patchSize: 7, numHiddenLayers: 2, ...layers },
      audio: {
        use: 'mel-transformer',
        sampleRate: 8000,
        numMelBins: 40,
        windowLength: 256, // 32 ms
        hopLength: 128, // 16 ms: 51 frames, and 13 tokens
        bucketSize: 52,
        numHiddenLayers: 2,
        ...layers,
      },
      text: { use: 'transformer', maxLength: 24, bucketSize: 24, numHiddenLayers: 2, ...layers },
    },
    fusion:
      fusion === 'masked-transformer'
        ? { use: fusion, numHiddenLayers: 1, ...layers }
        : { use: fusion, numHiddenLayers: 1, hiddenDropout: 0 },
    heads: {
      digit: { use: 'classification', labels: 10 },
      match: { use: 'contrastive', target: 'digit' },
    },
  });
}
