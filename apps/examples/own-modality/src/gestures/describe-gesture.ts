import type { RandomKey } from '@polymodal/core';
import type { Gesture } from './motion.js';

const words: Readonly<Record<Gesture, readonly string[]>> = {
  circle: ['circle', 'round', 'loop', 'swirl', 'ring'],
  shake: ['shake', 'rattle', 'wiggle', 'jiggle', 'wobble'],
  tap: ['tap', 'knock', 'pat', 'click', 'hit'],
  tilt: ['tilt', 'lean', 'tip', 'roll', 'slant'],
};

/** What people say who did not look closely. */
const vagueWords: readonly string[] = ['move', 'gesture', 'that', 'again', 'motion'];

/** One word for a gesture, as somebody might type it: in one case of four it tells nothing, and often it is misspelt. */
export function describeGesture(gesture: Gesture, key: RandomKey): string {
  const vague = key.fold('vague').uniform(1)[0] < 0.25;
  const choices = vague ? vagueWords : words[gesture];
  const word = choices[key.fold('word').integer(0, choices.length)];
  return key.fold('careless').uniform(1)[0] < 0.5 ? misspell(word, key.fold('slip')) : word;
}

/** The word with one letter left out, doubled or replaced by another. */
function misspell(word: string, key: RandomKey): string {
  const place = key.fold('place').integer(0, word.length);
  const letter = String.fromCharCode(97 + key.fold('letter').integer(0, 26));
  const typed = [letter, '', word[place] + word[place]][key.fold('kind').integer(0, 3)];
  return word.slice(0, place) + typed + word.slice(place + 1);
}
