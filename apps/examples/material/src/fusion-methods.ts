const layers = { numAttentionHeads: 4, hiddenDropout: 0 } as const;
const blocks = { numHiddenLayers: 2, hiddenDropout: 0 } as const;

/**
 * The fusions that examples compare, by how their tables call them: of a picture in the slot `image` and a question in the slot `text`,
 * each in sizes that learn alike.
 */
export const fusionMethods = {
  concat: { use: 'concat', ...blocks },
  mean: { use: 'mean', ...blocks },
  weighted: { use: 'weighted', ...blocks },
  gated: { use: 'gated', ...blocks },
  tensor: { use: 'tensor', ...blocks },
  'low-rank': { use: 'low-rank', ...blocks },
  late: { use: 'masked-transformer', numHiddenLayers: 3, ...layers },
  perceiver: { use: 'perceiver', numAttentionHeads: 4 },
  early: { use: 'early', numHiddenLayers: 4, ...layers },
  bottleneck: { use: 'bottleneck', ...layers },
  'co-attention': { use: 'cross-attention', ...layers },
  film: { use: 'film', condition: 'text' },
  hierarchical: { use: 'hierarchical', ...layers },
} as const;

/** How a fusion is called in tables. */
export type FusionMethod = keyof typeof fusionMethods;
