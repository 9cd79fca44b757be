export { LanguageModelHead, type LanguageModelOutput, type WrittenText } from './language-model-head';
export { headText, headText as default } from './plugin';
