import { composeModel, createRegistry, type Model } from '@polymodal/core';
import { text } from '@polymodal/encoder-text';
import { vision } from '@polymodal/encoder-vision';
import { fusion } from '@polymodal/fusion';
import { heads } from '@polymodal/heads';
import type { Edition } from './scene/edition';
import { answersOf } from './scene/question';

/** The parts that the models use. */
const registry = createRegistry([vision, text, fusion, heads]);

const hiddenSize = 48;
const layers = { numAttentionHeads: 4, hiddenDropout: 0 };

/** The fusions that are compared, by how tables call them: all get the same encoders, head, data and steps. */
const fusions = {
  concat: { use: 'concat', numHiddenLayers: 2, hiddenDropout: 0 },
  mean: { use: 'mean', numHiddenLayers: 2, hiddenDropout: 0 },
  gated: { use: 'gated', numHiddenLayers: 2, hiddenDropout: 0 },
  late: { use: 'masked-transformer', numHiddenLayers: 3, ...layers },
  early: { use: 'early', numHiddenLayers: 4, ...layers },
  bottleneck: { use: 'bottleneck', ...layers },
  'co-attention': { use: 'cross-attention', ...layers },
  film: { use: 'film', condition: 'text' },
} as const;

/** How a fusion is called in tables. */
export type Method = keyof typeof fusions;

/** All of them, in the order of tables. */
export const methods = Object.keys(fusions) as Method[];

/** A model that answers questions about scenes. */
export function scenesModel(method: Method, edition: Edition, seed: number): Model {
  return composeModel(registry, {
    hiddenSize,
    seed,
    encoders: {
      image: {
        use: 'convolutional',
        imageSize: edition.size,
        numHiddenLayers: 3,
        pooling: 'mean-max',
      },
      text: { use: 'transformer', maxLength: 112, bucketSize: 112, numHiddenLayers: 2, ...layers },
    },
    fusion: fusions[method],
    heads: { answer: { use: 'classification', labels: answersOf(edition) } },
  });
}
