export { textFamilies } from './families';
export { bert } from './families/bert';
export { BertEncoder, type BertEncoderConfig, type BertFeatures } from './families/bert/bert-encoder';
export {
  causalLanguageModels,
  gpt2LanguageModel,
  llamaLanguageModel,
  qwen2LanguageModel,
} from './families/causal-language-models';
export { clapText } from './families/clap-text';
export { clipText } from './families/clip-text';
export { ClipTextEncoder, type ClipTextEncoderConfig } from './families/clip-text/clip-text-encoder';
export { gpt2 } from './families/gpt2';
export { llama } from './families/llama';
export { LlamaEncoder, type LlamaEncoderConfig } from './families/llama/llama-encoder';
export { LlamaLayer, type LlamaLayerConfig } from './families/llama/llama-layer';
export { pretrainedTextProcessor } from './families/pretrained-text-processor';
export { qwen2 } from './families/qwen2';
export { roberta } from './families/roberta';
export { RobertaEncoder, type RobertaEncoderConfig } from './families/roberta/roberta-encoder';
export { siglipText } from './families/siglip-text';
export { SiglipTextEncoder, type SiglipTextEncoderConfig } from './families/siglip-text/siglip-text-encoder';
export type { TextTowerConfig } from './families/tower-options';
export {
  type GeneratedText,
  generate,
  type LoadedLanguageModel,
  streamText,
  type TextPiece,
} from './generation/generate-text';
export { type LanguageModelParts, languageModelFamily } from './generation/language-model-family';
export { pretrainedText, pretrainedText as default, pretrainedTextEncoder } from './pretrained-text';
export { poolAsAskedIn } from './sentence/pool-as-asked-in';
export { type TextFamilyOptions, textAdjustments } from './sentence/text-adjustments';
export type { TextProcessor } from './text-processor';
