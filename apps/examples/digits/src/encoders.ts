/** The width of all models. */
export const hiddenSize = 64;

/** What all Transformers share. */
export const layers = { numAttentionHeads: 4, hiddenDropout: 0 } as const; // modality dropout and 12,000 samples regularise enough

/** The encoders that all architectures share. */
export const encoders = {
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
} as const;
