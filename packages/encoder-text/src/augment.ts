import { definePlugin } from '@polymodal/core';
import { deleteWords } from './augmentation/delete-words';
import { swapWords } from './augmentation/swap-words';
import { typos } from './augmentation/typos';

export { deleteWords, swapWords, typos };

/** Augmentations of texts. Synonyms, which need a dictionary, are in the entry `/synonyms`. */
const textAugmentations = definePlugin({
  name: '@polymodal/encoder-text/augment',
  specificationVersion: 'v1',
  module: import.meta.url,
  augmentations: [deleteWords, swapWords, typos],
  elsewhere: { synonyms: '@polymodal/encoder-text/synonyms' },
});

export { textAugmentations, textAugmentations as default };
