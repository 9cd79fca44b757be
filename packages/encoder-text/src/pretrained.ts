export { textFamilies } from './families';
export { bert } from './families/bert';
export { BertEncoder, type BertEncoderConfig } from './families/bert/bert-encoder';
export {
  causalLanguageModels,
  gpt2LanguageModel,
  llamaLanguageModel,
  qwen2LanguageModel,
} from './families/causal-language-models';
export { checkLength } from './families/check-length';
export { clapText } from './families/clap-text';
export { clipText } from './families/clip-text';
export { ClipTextEncoder, type ClipTextEncoderConfig } from './families/clip-text/clip-text-encoder';
export { gpt2 } from './families/gpt2';
export { Gpt2Encoder, type Gpt2EncoderConfig } from './families/gpt2/gpt2-encoder';
export { llama } from './families/llama';
export { LlamaEncoder, type LlamaEncoderConfig } from './families/llama/llama-encoder';
export { LlamaLayer, type LlamaLayerConfig } from './families/llama/llama-layer';
export { positionsFromMask } from './families/positions-from-mask';
export { pretrainedTextProcessor } from './families/pretrained-text-processor';
export { qwen2 } from './families/qwen2';
export { roberta } from './families/roberta';
export { RobertaEncoder, type RobertaEncoderConfig } from './families/roberta/roberta-encoder';
export { siglipText } from './families/siglip-text';
export { SiglipTextEncoder, type SiglipTextEncoderConfig } from './families/siglip-text/siglip-text-encoder';
export type { TextTower, TextTowerConfig } from './families/text-tower';
export { CausalEncoder, type DecodedStep, type DecodingStep } from './generation/causal-encoder';
export { CausalLanguageModel } from './generation/causal-language-model';
export { type CachedLayer, decodeLayers } from './generation/decode-layers';
export type { Decodable, Decoder, StepInputs } from './generation/decoder';
export type { Decoding } from './generation/decoding';
export {
  type GeneratedText,
  generate,
  type LoadedLanguageModel,
  streamText,
  type TextPiece,
} from './generation/generate-text';
export {
  type FinishReason,
  type GeneratedToken,
  type GenerationControl,
  generateTokens,
} from './generation/generate-tokens';
export { generationConfig } from './generation/generation-config';
export type { GenerationOptions } from './generation/generation-options';
export { type LanguageModelParts, languageModelFamily } from './generation/language-model-family';
export { pretrainedText, pretrainedText as default, pretrainedTextEncoder } from './pretrained-text';
export { SentenceEncoder } from './sentence/sentence-encoder';
export { type TextFamilyOptions, textAdjustments } from './sentence/text-adjustments';
export type { TextProcessor } from './text-processor';
