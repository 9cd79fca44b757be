export { type LanguageModelParts, languageModelFamily } from './language-model/language-model-family';
export { languageModelRegistry } from './language-model/language-model-registry';
export {
  gpt2LanguageModel,
  languageModels,
  llamaLanguageModel,
  qwen2LanguageModel,
} from './language-model/language-models';
