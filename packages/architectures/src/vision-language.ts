import { idefics } from './idefics';
import { llava } from './llava';

export { type IdeficsDocumentOptions, type IdeficsPart, ideficsDocument } from './idefics/idefics-document';
export { visionLanguageRegistry } from './vision-language-registry';
export { idefics, llava };

/** Every family of language models that look at pictures. */
export const visionLanguageModels = [idefics, llava] as const;
