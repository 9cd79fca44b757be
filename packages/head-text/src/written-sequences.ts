import type { GeneratedToken } from '@polymodal/generation';
import * as tf from '@tensorflow/tfjs-core';
import { stackedIds } from './written-ids';

/** How a sequence ended: as long as it may be, with a token that is no part of the text, or with one that is. */
export const endings = ['length', 'end token', 'last token'] as const;

/** The sequences that are written behind B rows, R behind each. */
export class WrittenSequences {
  readonly #rows: number;
  readonly #count: number;
  readonly #ends: ReadonlySet<number>;
  readonly #ids: number[][];
  readonly #endings: Int32Array;
  readonly #scores: Float32Array;

  /** @param ends the tokens that end a text without being part of it */
  constructor(rows: number, count: number, ends: readonly number[]) {
    this.#rows = rows;
    this.#count = count;
    this.#ends = new Set(ends);
    this.#ids = Array.from({ length: rows * count }, () => []);
    this.#endings = new Int32Array(rows * count);
    this.#scores = new Float32Array(rows * count);
  }

  /** @returns whether the token is part of the text */
  add({ index, sequence, id, finishReason, score = 0 }: GeneratedToken): boolean {
    const place = index * this.#count + sequence;
    this.#ids[place].push(id);
    const isEnd = finishReason === 'stop' && this.#ends.has(id);
    if (finishReason === 'stop') this.#endings[place] = isEnd ? 1 : 2;
    if (finishReason) this.#scores[place] = score;
    return !isEnd;
  }

  /** See `LanguageModelOutput`. */
  tensors(): { ids: tf.Tensor3D; endings: tf.Tensor2D; scores: tf.Tensor2D } {
    const shape: [number, number] = [this.#rows, this.#count];
    const ids = stackedIds(this.#ids, 'end');
    const shaped = tf.reshape<tf.Rank.R3>(ids, [...shape, ids.shape[1]]);
    ids.dispose();
    return {
      ids: shaped,
      endings: tf.tensor2d(this.#endings, shape, 'int32'),
      scores: tf.tensor2d(this.#scores, shape),
    };
  }
}
