import { CausalReadings, describeFusion } from '@polymodal/testing';
import { flamingo } from './flamingo-fusion';

const resampler = { numLatents: 2, numHiddenLayers: 1, numAttentionHeads: 2, intermediateSize: 8 };

for (const config of [
  { every: 2, resampler },
  { from: 1 },
  { qkLayerNorms: true, gate: 'vector', unseeing: 'feed-forward', hiddenDropout: 0.2, attentionDropout: 0.2 },
] as const) {
  describeFusion(flamingo, {
    config: { numAttentionHeads: 2, intermediateSize: 24, ...config },
    encoder: (slot, hiddenSize) => (slot === 'text' ? new CausalReadings(hiddenSize) : undefined),
  });
}
