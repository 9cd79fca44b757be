/** Our packages, and the parts that each brings. */
const parts: Readonly<Record<string, readonly string[]>> = {
  '@polymodal/encoder-vision': ['vit', 'convolutional', 'pretrained-image'],
  '@polymodal/encoder-audio': ['mel-transformer', 'pretrained-audio'],
  '@polymodal/encoder-text': ['transformer', 'pretrained-text'],
  '@polymodal/encoder-tabular': ['ft-transformer', 'tabular-mlp', 'number', 'category', 'date', 'flag'],
  '@polymodal/fusion': [
    ...['masked-transformer', 'early', 'bottleneck', 'cross-attention', 'film', 'hierarchical', 'concat', 'mean'],
    ...['weighted', 'gated', 'tensor', 'low-rank', 'perceiver', 'decoder', 'flamingo', 'none'],
  ],
  '@polymodal/heads': [
    ...['classification', 'expert-classification', 'multi-label', 'ordinal', 'regression', 'quantile-regression'],
    ...['contrastive', 'matching', 'masked-autoencoder'],
  ],
  '@polymodal/head-text': [
    ...['language-model', 'text-decoder', 'masked-language-model', 'token-classification', 'span', 'ctc'],
  ],
  '@polymodal/adapters': ['lora'],
};

/** The package of ours that brings a part. */
export function packageOf(use: string): string | undefined {
  return Object.keys(parts).find((name) => parts[name].includes(use));
}
