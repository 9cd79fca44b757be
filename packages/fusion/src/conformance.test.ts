import { CausalReadings, describeFusion } from '@polymodal/testing';
import { concat } from './concat-fusion';
import { decoder } from './decoder-fusion';
import { early } from './early-fusion';
import { gated } from './gated-fusion';
import { lowRank } from './low-rank-fusion';
import { maskedTransformer } from './masked-transformer';
import { mean } from './mean-fusion';
import { none } from './no-fusion';
import { perceiver } from './perceiver-fusion';
import { tensor } from './tensor-fusion';
import { weighted } from './weighted-fusion';

const transformer = { numHiddenLayers: 1, numAttentionHeads: 2, intermediateSize: 24 };
const perceptron = { numHiddenLayers: 1, intermediateSize: 24 };

describeFusion(maskedTransformer, { config: transformer });
describeFusion(maskedTransformer, {
  config: {
    ...transformer,
    missing: 'embedding',
    tokensPerModality: { text: 'pooled' },
    interactions: { image: { text: 0.5, audio: 0 } },
    reportUsage: true,
  },
});
describeFusion(maskedTransformer, { config: { ...transformer, gate: ['audio'] } });
describeFusion(early, { config: { ...transformer, positions: ['image'], learnInteractions: true } });
describeFusion(perceiver, { config: { numAttentionHeads: 2, numHiddenLayers: 1, numLatents: 3, qkLayerNorms: true } });
describeFusion(weighted, { config: perceptron });
describeFusion(weighted, { config: { ...perceptron, added: ['audio'] } });
describeFusion(tensor, { config: { ...perceptron, vectorSize: 2 } });
describeFusion(lowRank, { config: { ...perceptron, rank: 2 } });
describeFusion(gated, { config: perceptron });
describeFusion(concat, { config: { ...perceptron, missing: 'embedding' } });
describeFusion(mean, { config: perceptron });
describeFusion(gated, { config: { ...perceptron, added: ['audio'] } });
describeFusion(none, {});
for (const modalities of [['text'], ['text', 'image', 'audio']]) {
  describeFusion(decoder, {
    modalities,
    encoder: (slot, hiddenSize) => (slot === 'text' ? new CausalReadings(hiddenSize) : undefined),
  });
}
describeFusion(decoder, {
  modalities: ['text', 'image'],
  config: { projectorAct: 'silu', projectorBias: false, tokens: { image: { layer: -1 } } },
  encoder: (slot, hiddenSize) => (slot === 'text' ? new CausalReadings(hiddenSize) : undefined),
});
