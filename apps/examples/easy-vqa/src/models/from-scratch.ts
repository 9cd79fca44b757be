import { composeModel, createRegistry } from '@polymodal/core';
import { text } from '@polymodal/encoder-text';
import { vision } from '@polymodal/encoder-vision';
import { type FusionMethod, fusionMethods } from '@polymodal/example-material';
import { fusion } from '@polymodal/fusion';
import { heads } from '@polymodal/heads';
import { askClasses } from './ask-classes';
import { pictureTower } from './picture-tower';
import type { VqaModel } from './vqa-model';

const registry = createRegistry([vision, text, fusion, heads]);

/** A model of which everything is learned from the set alone: it reads the questions byte by byte. */
export function fromScratch(method: FusionMethod, answers: readonly string[], seed: number): VqaModel {
  const model = composeModel(registry, {
    hiddenSize: 64,
    seed,
    encoders: {
      image: pictureTower,
      text: {
        use: 'transformer',
        maxLength: 64,
        numHiddenLayers: 2,
        numAttentionHeads: 4,
        hiddenDropout: 0,
        shared: true, // of the questions there are 107
      },
    },
    fusion: fusionMethods[method],
    heads: { answer: { use: 'classification', labels: answers } },
  });
  return askClasses(model, []);
}
