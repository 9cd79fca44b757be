export { ConcatFusion, type ConcatFusionConfig } from './concat-fusion';
export { encodeModalities } from './encode-modalities';
export { GatedCrossAttention } from './gated-cross-attention';
export { MaskedTransformer, type MaskedTransformerConfig } from './masked-transformer';
export { MeanFusion } from './mean-fusion';
export type { MlpConfig } from './mlp-options';
export type { Missing, TokensPerModality } from './modality-tokens';
export { placeRows } from './place-rows';
export { fusion as default, fusion } from './plugin';
