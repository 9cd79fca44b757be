import * as tf from '@tensorflow/tfjs-core';
import type { Decoding } from './decoding';

/** Why a sequence ends: with something that ends it, or because it is as long as it may be. */
export type FinishReason = 'stop' | 'length';

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
 * The decoding loop: asks what may follow, lets `choose` say what does, and goes on with that until every sequence has ended. The items
 * of a turn come together.
 *
 * @param decoding of `count` sequences, which is disposed in the end
 * @param choose   what follows sequence `index`, as its item number `step`, counted from 1
 * @param signal   stops between two steps
 * @throws the reason of the signal, if it is aborted
 */
export async function* continueSequences<Item, Output>(
  decoding: Decoding<Item, Output>,
  count: number,
  choose: (output: Output, index: number, step: number) => Chosen<Item>,
  signal?: AbortSignal,
): AsyncGenerator<readonly Continued<Item>[], void, undefined> {
  const items = new Array<Item>(count);
  const open = new Set(Array.from({ length: count }, (_, index) => index));
  try {
    let output = await decoding.prefill();
    for (let step = 1; ; step++) {
      const turn = [...open].map((index) => ({ index, ...choose(output, index, step) }));
      for (const { index, item, finishReason } of turn) {
        items[index] = item; // of those that have ended the last one stays, and is not heeded
        if (finishReason) open.delete(index);
      }
      yield turn;
      if (open.size === 0) return;
      await tf.nextFrame(); // lets the signal hear, since computing does not
      signal?.throwIfAborted();
      output = await decoding.step(items);
    }
  } finally {
    decoding.dispose();
  }
}
