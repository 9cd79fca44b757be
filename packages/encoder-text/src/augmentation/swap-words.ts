import { defineAugmentation } from '@polymodal/core';
import { z } from 'zod';
import { splitWords, wordPlaces } from './words';

const swapWordsOptions = z.object({
  /** Exchanges, as a share of the words; one at least. */
  share: z.number().min(0).max(1).default(0.1),
});

/** Pairs of words change places (Wei and Zou 2019, random swap). What stands between words stays where it is. */
export const swapWords = defineAugmentation({
  name: 'swap-words',
  modality: 'text',
  config: swapWordsOptions,
  create: ({ share }) => ({
    changeValue(text: string, key) {
      const stretches = splitWords(text);
      const places = wordPlaces(stretches);
      if (places.length < 2) return text;
      const texts = stretches.map((own) => own.text);
      const count = Math.max(1, Math.round(share * places.length));
      for (let turn = 0; turn < count; turn++) {
        const one = key.fold(turn).fold('one').integer(0, places.length);
        const step = key.fold(turn).fold('step').integer(1, places.length);
        const [a, b] = [places[one], places[(one + step) % places.length]];
        [texts[a], texts[b]] = [texts[b], texts[a]];
      }
      return texts.join('');
    },
  }),
});
