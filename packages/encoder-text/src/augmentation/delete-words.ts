import { defineAugmentation } from '@polymodal/core';
import { z } from 'zod';
import { splitWords, wordPlaces } from './words';

const deleteWordsOptions = z.object({
  /** How likely each word is left out. */
  share: z.number().min(0).max(1).default(0.1),
});

/** Words are left out, each by itself and with the space behind it (Wei and Zou 2019, random deletion). One always stays. */
export const deleteWords = defineAugmentation({
  name: 'delete-words',
  modality: 'text',
  config: deleteWordsOptions,
  create: ({ share }) => ({
    changeValue(text: string, key) {
      const stretches = splitWords(text);
      const places = wordPlaces(stretches);
      if (places.length === 0) return text;
      const draws = key.uniform(places.length);
      const dropped = new Set(places.filter((_, index) => draws[index] < share));
      if (dropped.size === places.length) dropped.delete(places[key.fold('last').integer(0, places.length)]);
      const isDropped = (place: number) =>
        dropped.has(place) || (dropped.has(place - 1) && isSpace(stretches[place].text));
      const rest = stretches
        .filter((_, place) => !isDropped(place))
        .map((own) => own.text)
        .join('');
      return isSpace(text.slice(-1)) ? rest : rest.trimEnd();
    },
  }),
});

function isSpace(text: string): boolean {
  return text.trim() === '';
}
