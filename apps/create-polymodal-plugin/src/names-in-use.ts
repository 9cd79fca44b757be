import type { PluginKind } from './plugin-kind';

const encoders = ['transformer', 'vit', 'mel-transformer', 'pretrained-text', 'pretrained-image', 'pretrained-audio'];

/** What Polymodal's own plugins call their parts: a registry holds each name once, so a part of another package cannot have it too. */
export const namesInUse: Readonly<Record<PluginKind, readonly string[]>> = {
  modality: ['text', 'image', 'audio', ...encoders], // its template has an encoder of the same name
  encoder: encoders,
  head: ['classification', 'expert-classification', 'contrastive', 'language-model'],
  fusion: [
    ...['masked-transformer', 'early', 'bottleneck', 'cross-attention', 'film', 'hierarchical', 'concat', 'mean'],
    ...['weighted', 'gated', 'tensor', 'low-rank', 'perceiver', 'decoder', 'none'],
  ],
};
