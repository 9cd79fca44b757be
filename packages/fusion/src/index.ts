export { ConcatFusion, type ConcatFusionConfig } from './concat-fusion';
export { encodeModalities } from './encode-modalities';
export { GatedCrossAttention } from './gated-cross-attention';
export { JointMlp } from './joint-mlp';
export { MaskedTransformer, type MaskedTransformerConfig } from './masked-transformer';
export { MeanFusion } from './mean-fusion';
export { type MlpConfig, mlpOptions } from './mlp-options';
export {
  type Missing,
  ModalityTokens,
  type ModalityTokensConfig,
  type PlacedTokens,
  type TokensPerModality,
} from './modality-tokens';
export { ModalityVectors, type PlacedVectors } from './modality-vectors';
export { NoFusion } from './no-fusion';
export { fusion as default, fusion } from './plugin';
