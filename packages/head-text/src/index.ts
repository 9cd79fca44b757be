export { LanguageModelHead, type LanguageModelOutput } from './language-model-head';
export {
  type FilledText,
  type MaskedLanguageModelConfig,
  MaskedLanguageModelHead,
  type MaskedLanguageModelOutput,
} from './masked-language-model-head';
export { headText, headText as default } from './plugin';
export type { WrittenText, WrittenTokens } from './write-texts';
