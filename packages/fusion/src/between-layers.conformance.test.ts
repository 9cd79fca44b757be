import { describeFusion } from '@polymodal/testing';
import { bottleneck } from './bottleneck-fusion';
import { crossAttention } from './cross-attention-fusion';
import { film } from './film-fusion';
import { hierarchical } from './hierarchical-fusion';

const transformer = { numHiddenLayers: 1, numAttentionHeads: 2, intermediateSize: 24 };

describeFusion(bottleneck, { config: { numAttentionHeads: 2, numBottlenecks: 2 } });
describeFusion(crossAttention, {
  config: { numAttentionHeads: 2, after: [1], reportUsage: true, learnInteractions: true },
});
describeFusion(crossAttention, { config: { numAttentionHeads: 2, attends: { text: ['image', 'audio'] }, gate: true } });
describeFusion(film, { config: { condition: 'text' } });
describeFusion(film, { config: { condition: 'text', mutual: true, added: ['audio'] } });
describeFusion(hierarchical, { config: { ...transformer, gate: ['audio'] } });
describeFusion(hierarchical, { config: { ...transformer, after: [1], experts: true } });
describeFusion(hierarchical, { config: { ...transformer, crossAttention: false, missing: 'embedding' } });
