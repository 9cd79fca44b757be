import * as tf from '@tensorflow/tfjs-core';
import type { Decoding } from './decoding';

/** Why a sequence ends: with something that ends it, or because it is as long as it may be. */
export type FinishReason = 'stop' | 'length';

/** What becomes of what may follow. */
export interface Turn<Item, Told> {
  /** What is told of it. */
  readonly told: Told;
  /** What the decoding goes on with; nothing where every sequence has ended. */
  readonly next?:
    | {
        /** One for each row. */
        readonly items: readonly Item[];
        /** The rows that they follow, where these are not the ones that there are, each once and in their order. */
        readonly rows?: readonly number[];
      }
    | undefined;
}

/**
 * The decoding loop: asks what may follow, lets `choose` say what does, and goes on with that until every sequence has ended. Sequences may
 * go on each by itself ({@link eachByItself}), or be chosen among one another, as beams are.
 *
 * @param decoding which is disposed in the end
 * @param choose   what follows, as the item number `step` of the sequences, counted from 1
 * @param signal   stops between two steps
 * @returns what is told of each turn
 * @throws the reason of the signal, if it is aborted
 */
export async function* continueSequences<Item, Output, Told>(
  decoding: Decoding<Item, Output>,
  choose: (output: Output, step: number) => Turn<Item, Told>,
  signal?: AbortSignal,
): AsyncGenerator<Told, void, undefined> {
  try {
    let output = await decoding.prefill();
    for (let step = 1; ; step++) {
      const { told, next } = choose(output, step);
      yield told;
      if (!next) return;
      await tf.nextFrame(); // lets the signal hear, since computing does not
      signal?.throwIfAborted();
      if (next.rows) decoding.select(next.rows);
      output = await decoding.step(next.items);
    }
  } finally {
    decoding.dispose();
  }
}
