export { type BottleneckConfig, BottleneckFusion } from './bottleneck-fusion';
export { ConcatFusion, type ConcatFusionConfig } from './concat-fusion';
export { type CrossAttentionConfig, CrossAttentionFusion } from './cross-attention-fusion';
export { CrossAttentionLayer, type CrossAttentionLayerConfig } from './cross-attention-layer';
export { type DecoderConfig, DecoderFusion } from './decoder-fusion';
export { EarlyFusion, type EarlyFusionConfig } from './early-fusion';
export { encodeModalities } from './encode-modalities';
export { type FilmConfig, FilmFusion } from './film-fusion';
export { type FlamingoConfig, FlamingoFusion, type ResamplerConfig } from './flamingo-fusion';
export { GatedCrossAttention } from './gated-cross-attention';
export { GatedFusion } from './gated-fusion';
export { GatedMediaLayer, type GatedMediaLayerConfig, type SeenMedia } from './gated-media-layer';
export { type HierarchicalConfig, HierarchicalFusion } from './hierarchical-fusion';
export { JointMlp } from './joint-mlp';
export { LowRankFusion, type LowRankFusionConfig } from './low-rank-fusion';
export { MaskedTransformer, type MaskedTransformerConfig, type TokensPerModality } from './masked-transformer';
export { MeanFusion } from './mean-fusion';
export { MediaAttention, type MediaAttentionConfig, type MediaKeys } from './media-attention';
export { type MlpConfig, mlpOptions } from './mlp-options';
export {
  type Missing,
  ModalityTokens,
  type ModalityTokensConfig,
  type PlacedTokens,
} from './modality-tokens';
export { ModalityVectors, type PlacedVectors } from './modality-vectors';
export { NoFusion } from './no-fusion';
export { PerceiverFusion } from './perceiver-fusion';
export { type PerceiverConfig, PerceiverResampler } from './perceiver-resampler';
export { fusion as default, fusion } from './plugin';
export { TensorFusion, type TensorFusionConfig } from './tensor-fusion';
export { WeightedFusion } from './weighted-fusion';
