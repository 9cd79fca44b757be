import { idefics } from './idefics';
import { idefics3 } from './idefics3';
import { llava } from './llava';

export { type IdeficsDocumentOptions, type IdeficsPart, ideficsDocument } from './idefics/idefics-document';
export { visionLanguageRegistry } from './vision-language-registry';
export { idefics, idefics3, llava };

/** Every family of language models that look at pictures. */
export const visionLanguageModels = [idefics, llava, idefics3] as const;
