import type { FinishReason, Turn } from './continue-sequences';
import { RunningSequences } from './running-sequences';

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

/** Where the output has what may follow in a sequence. */
export interface Place {
  readonly index: number;
  readonly row: number;
  /** Rows of the output: fewer than sequences, once some have ended. */
  readonly rows: number;
}

/**
 * Sequences that do not know of one another. The items of a turn are told together, those of sequences that have not ended.
 *
 * @param count  how many there are
 * @param choose what follows in a sequence, as its item number `step`, counted from 1
 */
export function eachByItself<Item, Output>(
  count: number,
  choose: (output: Output, place: Place, step: number) => Chosen<Item>,
): (output: Output, step: number) => Turn<Item, readonly Continued<Item>[]> {
  const items = new Array<Item>(count);
  const running = new RunningSequences(count);
  const open = new Set(running.indices);
  return (output, step) => {
    const { indices } = running;
    const told = indices.flatMap((index, row) =>
      open.has(index) ? [{ index, ...choose(output, { index, row, rows: indices.length }, step) }] : [],
    );
    for (const { index, item, finishReason } of told) {
      items[index] = item; // of those that have ended the last one stays, and is not heeded
      if (finishReason) open.delete(index);
    }
    if (open.size === 0) return { told };
    const rows = running.leaveOut((index) => !open.has(index));
    return { told, next: { items: running.indices.map((index) => items[index]), ...(rows && { rows }) } };
  };
}
