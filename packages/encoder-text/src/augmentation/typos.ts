import { defineAugmentation, type RandomKey } from '@polymodal/core';
import { z } from 'zod';
import { splitGraphemes } from './words';

const typosOptions = z.object({
  /** How likely each character is mistyped. */
  share: z.number().min(0).max(1).default(0.03),
});

/**
 * Typing errors in whole characters of any script: one is left out, typed twice, typed before the one in front of it, or another one of the
 * text stands in its place. Spaces stay. So no accent comes off its letter and no emoji falls apart.
 */
export const typos = defineAugmentation({
  name: 'typos',
  modality: 'text',
  config: typosOptions,
  create: ({ share }) => ({
    changeValue(text: string, key) {
      const characters = splitGraphemes(text);
      const typed = characters.filter((character) => character.trim() !== '');
      if (typed.length < 2) return text;
      const draws = key.uniform(characters.length);
      const out: string[] = [];
      characters.forEach((character, place) => {
        const isMistyped = draws[place] < share && character.trim() !== '';
        if (isMistyped) mistype(out, character, typed, key.fold(place));
        else out.push(character);
      });
      return out.some((character) => character.trim() !== '') ? out.join('') : text;
    },
  }),
});

/** @param out what was typed so far @param typed what else may be typed */
function mistype(out: string[], character: string, typed: readonly string[], key: RandomKey): void {
  const kind = key.fold('kind').integer(0, 4);
  if (kind === 0) return;
  if (kind === 1) out.push(character, character);
  else if (kind === 2) out.splice(Math.max(0, out.length - 1), 0, character);
  else out.push(typed[key.fold('other').integer(0, typed.length)]);
}
