/** A row of tokens of which some may be hidden. */
export interface HideableTokens {
  readonly ids: ArrayLike<number>;
  /** 1 where a token may be hidden: it takes part, and is none that only stands where a text begins or ends. */
  readonly mayHide: ArrayLike<number>;
  /** Which word each token belongs to, where whole words are hidden; −1 for none. */
  readonly words?: ArrayLike<number> | undefined;
}

/** Numbers from 0 to 1 that decide, for each token. */
export interface HidingDraws {
  /** Whether it is hidden: below `probability`. Of a word, that of its first token counts. */
  readonly hides: ArrayLike<number>;
  /** Whether the mask stands for it: below 0.8. */
  readonly masks: ArrayLike<number>;
  /** Whether another token does, of those that are left: below 0.5. */
  readonly swaps: ArrayLike<number>;
  /** Which one: times the size of the vocabulary. */
  readonly tokens: ArrayLike<number>;
}

/** What hiding makes of a row. */
export interface HiddenTokens {
  readonly ids: Int32Array;
  /** Places of those that are to be guessed, ascending. */
  readonly places: readonly number[];
}

/** How tokens are hidden. */
export interface HidingRule {
  /** That a token, or a word, is hidden. */
  readonly probability: number;
  readonly maskId: number;
  readonly vocabSize: number;
}

/**
 * Hides some tokens (Devlin et al. 2019, section 3.1; `DataCollatorForLanguageModeling` of HF): of those that are to be guessed the mask stands
 * for 80 %, another token at random for 10 %, and the rest stay what they are.
 */
export function hideTokens(
  { ids, mayHide, words }: HideableTokens,
  { probability, maskId, vocabSize }: HidingRule,
  { hides, masks, swaps, tokens }: HidingDraws,
): HiddenTokens {
  const hidden = Int32Array.from(ids);
  const places: number[] = [];
  let first = 0; // of the word
  for (let place = 0; place < ids.length; place++) {
    if (!words || place === 0 || words[place] !== words[place - 1]) first = place;
    if (mayHide[place] !== 1 || !(hides[first] < probability)) continue;
    places.push(place);
    if (masks[place] < 0.8) hidden[place] = maskId;
    else if (swaps[place] < 0.5) hidden[place] = Math.floor(tokens[place] * vocabSize);
  }
  return { ids: hidden, places };
}
