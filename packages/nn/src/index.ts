export { type Activation, type ActivationName, activation, activationNames } from './activations';
export { allTokens } from './all-tokens';
export { attentionByOwner } from './attention-by-owner';
export { type AttentionLayer, runAttentionLayer } from './attention-layer';
export { type AttentionState, causalState, EVERYTHING, wholeSequence } from './attention-state';
export { BatchNorm } from './batch-norm';
export { type BicubicOptions, bicubicWeights } from './bicubic-weights';
export { causalBias } from './causal-bias';
export { checkHeads } from './check-heads';
export { Conv1d, type Conv1dConfig } from './conv1d';
export { Conv2d, type Conv2dConfig } from './conv2d';
export { type Convolve1dOptions, convolve1d } from './convolve1d';
export { CrossModalAttention, type InteractionWeights, type OwnedTokens } from './cross-modal-attention';
export { DecoderLayer, type DecoderLayerConfig } from './decoder-layer';
export { dropPath } from './drop-path';
export { dropout } from './dropout';
export { Embedding, type EmbeddingOptions } from './embedding';
export { EXCLUDED_LOGIT } from './excluded-logit';
export { FeedForward, type FeedForwardConfig } from './feed-forward';
export { type AdamMoments, type AdamStepOptions, adamStep } from './functional/adam-step';
export { attentionWeights } from './functional/attention-weights';
export { checkCtcLabels } from './functional/check-ctc-labels';
export { type CtcInputs, type CtcOptions, ctcLoss } from './functional/ctc-loss';
export { gelu } from './functional/gelu';
export { geluTanh } from './functional/gelu-tanh';
export { hostScalars } from './functional/host-scalars';
export { layerNorm } from './functional/layer-norm';
export { linear } from './functional/linear';
export { linearAssignment } from './functional/linear-assignment';
export { quickGelu } from './functional/quick-gelu';
export { rmsNorm } from './functional/rms-norm';
export { type Rotation, rotateHeads } from './functional/rotate-heads';
export { scaledDotProductAttention } from './functional/scaled-dot-product-attention';
export { softmaxCrossEntropy } from './functional/softmax-cross-entropy';
export { sparseSoftmaxCrossEntropy } from './functional/sparse-softmax-cross-entropy';
export { GatedFeedForward, type GatedFeedForwardConfig } from './gated-feed-forward';
export { constant, kaimingUniform, normal, ones, truncatedNormal, uniform, xavierUniform, zeros } from './initializers';
export { interactionMatrix, type ModalityWeights } from './interaction-matrix';
export { keepMask } from './keep-mask';
export { type KeyValueCache, type Past, slotPlaces } from './key-value-cache';
export { LayerNorm } from './layer-norm';
export { Linear, type LinearOptions } from './linear';
export { type AdaptableMap, MapAdapter } from './map-adapter';
export { maskedMean } from './masked-mean';
export { modalityBias } from './modality-bias';
export {
  type DecodingPlaces,
  type ExtendingPlaces,
  MultiHeadAttention,
  type MultiHeadAttentionConfig,
  type ProjectionBiases,
} from './multi-head-attention';
export { ownerIndicators } from './owner-indicators';
export { type PerAxis, perAxis } from './per-axis';
export { placeRows } from './place-rows';
export { positionsFromMask } from './positions-from-mask';
export {
  RelativePositionBias,
  type RelativePositionBiasConfig,
} from './relative-position-bias';
export { repeatRows } from './repeat-rows';
export { RmsNorm } from './rms-norm';
export { RotaryEmbedding, type RotaryEmbeddingConfig } from './rotary-embedding';
export { type RotaryParameters, rotaryParameters } from './rotary-parameters';
export { sinusoidalPositions } from './sinusoidal-positions';
export { sinusoidsAt } from './sinusoids-at';
export type { Grid } from './swin/grid';
export { PatchMerging } from './swin/patch-merging';
export { SwinLayer, type SwinLayerConfig } from './swin/swin-layer';
export { SwinStage, type SwinStageConfig } from './swin/swin-stage';
export { type GridState, SwinTower, type SwinTowerConfig } from './swin/swin-tower';
export { relativePositionIndices, relativePositions, shiftedWindowBias } from './swin/window-bias';
export { cutWindows, joinWindows, padMaps, shiftMaps } from './swin/windows';
export { takeRows } from './take-rows';
export { takeTokens } from './take-tokens';
export { TransformerLayer, type TransformerLayerConfig } from './transformer-layer';
export { transformerLayers } from './transformer-layers';
export {
  resolveTransformerConfig,
  type TransformerConfig,
  type TransformerOptions,
  transformerOptions,
} from './transformer-options';
export { withoutGradient } from './without-gradient';
export { zeroPadding } from './zero-padding';
