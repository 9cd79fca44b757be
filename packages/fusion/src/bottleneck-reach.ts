import type { Context } from '@polymodal/core';
import { placeRows } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';

/** How one modality attends in its layer of an exchange, in the rows that have it. */
export interface BottleneckLook {
  /** (P, H, N + L, N + L) of its tokens and the bottlenecks behind them. */
  readonly weights: tf.Tensor4D;
  /** (P, N) */
  readonly mask: tf.Tensor2D;
  readonly rows: Int32Array;
}

/** The parts of a {@link BottleneckLook}, the mean over heads, in all rows of a batch: who attends, and to what. */
interface Parts {
  readonly tokens: Shares;
  readonly bottlenecks: Shares;
  /** (B, 1, 1), 1 where the row has the modality. */
  readonly isThere: tf.Tensor3D;
}

interface Shares {
  readonly toTokens: tf.Tensor3D;
  readonly toBottlenecks: tf.Tensor3D;
}

/**
 * Tells how tokens of one modality attend to those of another that they never see: through the bottlenecks, which have attended to these
 * before. With A of one exchange, and what bottlenecks have of a slot s so far,
 *
 *     R_s ← mean over modalities m of A(b_m, z_m) [m = s] + A(b_m, b) R_s
 *
 * tokens of m give A(z_m, b) R_s to those of s, and to their own those of A(z_m, z_m) too (attention rollout, Abnar and Zuidema 2020,
 * without the residual paths). What is left to 1 goes to what bottlenecks are at first.
 */
export class BottleneckReach {
  readonly #tell: NonNullable<Context['tellAttention']>;
  readonly #size: number;
  /** R by slot: (B, L, N) */
  #reached: Readonly<Record<string, tf.Tensor3D>> = {};

  /** @param size B */
  constructor(tell: NonNullable<Context['tellAttention']>, size: number) {
    this.#tell = tell;
    this.#size = size;
  }

  /**
   * Goes through an exchange.
   *
   * @param place  its path from the fusion on
   * @param looks  by slot
   * @param isLast whether nobody reads its bottlenecks
   */
  exchange(place: string, looks: Readonly<Record<string, BottleneckLook>>, isLast: boolean): void {
    const parts = Object.entries(looks).map(([slot, look]) => ({ slot, ...partsOf(look, this.#size) }));
    for (const [slot, reached] of Object.entries(this.#reached)) {
      for (const { slot: query, tokens } of parts) {
        const through = tf.matMul<tf.Tensor3D>(tokens.toBottlenecks, reached); // (B, Nq, N)
        const weights = query === slot ? tf.add<tf.Tensor3D>(tokens.toTokens, through) : through;
        this.#tell({ place, query, slot, weights });
      }
    }
    if (isLast || parts.length === 0) return;
    const tellers = tf.addN(parts.map(({ isThere }) => isThere));
    this.#reached = Object.fromEntries(
      parts.map(({ slot, bottlenecks }) => {
        const former = this.#reached[slot];
        const carried = former ? parts.map((own) => tf.matMul(own.bottlenecks.toBottlenecks, former)) : [];
        return [slot, tf.divNoNan<tf.Tensor3D>(tf.addN([bottlenecks.toTokens, ...carried]), tellers)];
      }),
    );
    for (const [slot, weights] of Object.entries(this.#reached)) {
      this.#tell({ place, query: undefined, slot, weights });
    }
  }
}

function partsOf({ weights, mask, rows }: BottleneckLook, size: number): Parts {
  const [present, length] = mask.shape;
  const count = weights.shape[3] - length;
  const takesPart = tf.concat([mask, tf.ones<tf.Rank.R2>([present, count])], 1);
  const mean = tf.mul<tf.Tensor3D>(tf.mean(weights, 1), tf.expandDims(takesPart, 2)); // padding asks for nothing
  const [tokens, bottlenecks] = tf.split<tf.Tensor3D>(placeRows(mean, rows, size), [length, count], 1);
  const byKeys = (own: tf.Tensor3D): Shares => {
    const [toTokens, toBottlenecks] = tf.split<tf.Tensor3D>(own, [length, count], 2);
    return { toTokens, toBottlenecks };
  };
  return {
    tokens: byKeys(tokens),
    bottlenecks: byKeys(bottlenecks),
    isThere: placeRows(tf.ones<tf.Rank.R3>([present, 1, 1]), rows, size),
  };
}
