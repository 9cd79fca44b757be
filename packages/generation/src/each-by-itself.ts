import type { FinishReason, Turn } from './continue-sequences';

/** What follows in a sequence. */
export interface Chosen<Item> {
  readonly item: Item;
  /** Set if it is the last. */
  readonly finishReason?: FinishReason | undefined;
}

/** One more item of a sequence. */
export interface Continued<Item> extends Chosen<Item> {
  /** Which sequence it continues. */
  readonly index: number;
}

/**
 * Sequences that do not know of one another. The items of a turn are told together, those of sequences that have not ended.
 *
 * @param count  how many there are
 * @param choose what follows sequence `index`, as its item number `step`, counted from 1
 */
export function eachByItself<Item, Output>(
  count: number,
  choose: (output: Output, index: number, step: number) => Chosen<Item>,
): (output: Output, step: number) => Turn<Item, readonly Continued<Item>[]> {
  const items = new Array<Item>(count);
  const open = new Set(Array.from({ length: count }, (_, index) => index));
  return (output, step) => {
    const told = [...open].map((index) => ({ index, ...choose(output, index, step) }));
    for (const { index, item, finishReason } of told) {
      items[index] = item; // of those that have ended the last one stays, and is not heeded
      if (finishReason) open.delete(index);
    }
    return { told, next: open.size > 0 ? { items } : undefined };
  };
}
