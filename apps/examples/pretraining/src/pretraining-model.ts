import { composeModel, createRegistry, type Model } from '@polymodal/core';
import { audio } from '@polymodal/encoder-audio';
import { text } from '@polymodal/encoder-text';
import { vision } from '@polymodal/encoder-vision';
import { fusion } from '@polymodal/fusion';
import { headText } from '@polymodal/head-text';
import { heads } from '@polymodal/heads';

const registry = createRegistry([vision, audio, text, fusion, heads, headText]);

const hiddenSize = 64;
const layers = { numAttentionHeads: 4, hiddenDropout: 0 } as const;

/**
 * One model for all stages, so that each starts from the weights of the one before. `match` and `caption` are the two losses of CoCa
 * (Yu et al. 2022): pictures, words and speech are aligned in one space, and a decoder that looks at the picture's tokens writes its caption.
 */
export function pretrainingModel(seed: number): Model {
  return composeModel(registry, {
    hiddenSize,
    seed,
    encoders: {
      image: { use: 'vit', imageSize: 48, patchSize: 8, numHiddenLayers: 2, ...layers },
      audio: {
        use: 'mel-transformer',
        sampleRate: 8000,
        numMelBins: 40,
        windowLength: 256, // 32 ms
        hopLength: 128, // 16 ms
        bucketSize: 52,
        numHiddenLayers: 2,
        ...layers,
      },
      text: { use: 'transformer', maxLength: 64, bucketSize: 32, numHiddenLayers: 2, ...layers },
    },
    fusion: { use: 'masked-transformer', numHiddenLayers: 1, tokensPerModality: 'pooled', ...layers },
    heads: {
      match: { use: 'contrastive' },
      caption: {
        use: 'text-decoder',
        attendsTo: 'image',
        numHiddenLayers: 1,
        maxLength: 64,
        bucketSize: 32,
        ...layers,
      },
      digit: { use: 'classification', labels: 10 },
    },
  });
}

/** What learns from captions alone, and stays as it is where digits are named. */
export const ofCaptions = ['encoders.text', 'heads.match', 'heads.caption'];
