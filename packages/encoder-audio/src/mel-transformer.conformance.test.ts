import { describeEncoder } from '@polymodal/testing';
import { melTransformer } from './mel-transformer';

describeEncoder(melTransformer, {
  sample: (key) => ({
    samples: key.fold('samples').normal(key.fold('length').integer(600, 2400)),
    sampleRate: 8000,
  }),
  config: {
    sampleRate: 8000,
    numMelBins: 8,
    bucketSize: 4,
    numHiddenLayers: 2,
    numAttentionHeads: 2,
    intermediateSize: 24,
  },
  invalid: [
    'missing.wav',
    new Uint8Array(0),
    new Uint8Array(100),
    { samples: new Float32Array(0), sampleRate: 8000 },
    { samples: Float32Array.of(Number.NaN), sampleRate: 8000 },
    { samples: Float32Array.of(0.5), sampleRate: 0 },
  ],
});
