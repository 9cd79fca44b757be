import { composeModel, createRegistry } from '@polymodal/core';
import { audio } from '@polymodal/encoder-audio';
import { sampleRate } from '@polymodal/example-material';
import { fusion } from '@polymodal/fusion';
import { headText } from '@polymodal/head-text';
import { words } from './make-string';

const registry = createRegistry([audio, fusion, headText]);

/** Convolutions and a Transformer over log-mel frames of 16 ms, four of which are a token, and a label or a blank for each token. */
export function stringsModel(seed: number) {
  return composeModel(registry, {
    hiddenSize: 96,
    seed,
    encoders: {
      speech: {
        use: 'mel-transformer',
        ...{ sampleRate, numMelBins: 40, windowLength: 256, hopLength: 128, bucketSize: 64, convKernelSize: 5 },
        ...{ numHiddenLayers: 3, numAttentionHeads: 4, hiddenDropout: 0.1 },
      },
    },
    fusion: { use: 'none' },
    heads: { text: { use: 'ctc', vocabulary: words, reduction: 'sum' } },
  });
}

/** The model of the example. */
export type StringsModel = ReturnType<typeof stringsModel>;
