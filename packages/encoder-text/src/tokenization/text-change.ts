import type { GrowingText } from '@polymodal/core';

/** What is done to a decoded text. */
export interface TextChange {
  /** Of a whole text. */
  change(text: string): string;
  /** Whether a text may be changed up to a character by itself, and what follows it by itself. Without this it is changed as a whole. */
  isApart?(character: string): boolean;
}

/** A text that grows, changed as far as what follows has no part in it. */
export function changing(text: GrowingText, { change, isApart }: TextChange): GrowingText {
  let held = '';
  const taken = (end: number) => {
    const changed = change(held.slice(0, end));
    held = held.slice(end);
    return changed;
  };
  return {
    add(id) {
      const known = held.length;
      held += text.add(id);
      let end = isApart ? held.length : known;
      while (end > known && !isApart!(held[end - 1]!)) end--;
      return end > known ? taken(end) : '';
    },
    end() {
      held += text.end();
      return taken(held.length);
    },
  };
}
