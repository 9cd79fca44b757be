import { EXCLUDED, type LogitsProcessor } from './logits-processor';

/** Excludes tokens that would end a sequence of `size` tokens which was there (HF `NoRepeatNGramLogitsProcessor`). */
export function noRepeatNgrams(size: number): LogitsProcessor {
  return (logits, { ids }) => {
    const start = ids.length + 1 - size; // of what the next token would complete
    for (let first = 0; first < start; first++) {
      let matched = 0;
      while (matched < size - 1 && ids[first + matched] === ids[start + matched]) matched++;
      if (matched === size - 1) logits[ids[first + matched]] = EXCLUDED;
    }
  };
}
