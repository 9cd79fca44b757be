import { idefics } from './idefics';

export { type IdeficsDocumentOptions, type IdeficsPart, ideficsDocument } from './idefics/idefics-document';
export { visionLanguageRegistry } from './vision-language-registry';
export { idefics };

/** Every family of language models that look at pictures. */
export const visionLanguageModels = [idefics] as const;
