import { type Encoders, type Fused, type Fusion, fusedPart } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';

/** What became of the tokens of a slot: those of each row in their order, padding left out. */
export interface SlotTokens {
  /** (B, N, D) */
  readonly tokens: tf.Tensor3D;
  /** (B, N): which of the slot's tokens each is, from 0; −1 for what is none. */
  readonly order: tf.Tensor2D;
}

/** Where a head reads a slot's tokens. */
export interface SlotReading {
  /** From the fusion, or from the slot's encoder. */
  readonly reads: 'owner' | 'encoded';
  /** Width of the tokens there. */
  readonly hiddenSize: number;
}

/** What a fusion made of each of a slot's tokens says more than the encoder's own, if it has them: it has seen the other slots. */
export function readingOf(slot: string, fusion: Fusion, encoders: Encoders): SlotReading {
  const hasThem = fusion.offers.includes('owner') && fusion.keepsTokens;
  const reads = fusion.offers.includes('encoded') && !hasThem ? 'encoded' : 'owner';
  return { reads, hiddenSize: (reads === 'owner' ? fusion : encoders[slot]!).hiddenSize };
}

/** Those that a head reads: of the fusion, or of the slot's encoder. */
export function slotTokens(fused: Fused, slot: string, reads: 'owner' | 'encoded'): SlotTokens {
  return reads === 'owner' ? fusedTokens(fused, slot) : encodedTokens(fused, slot);
}

/** Those that a fusion has among its own, each with what it has seen of other slots. */
function fusedTokens(fused: Fused, slot: string): SlotTokens {
  const { map, slots } = fusedPart(fused, 'owner');
  const own = tf.cast(tf.equal(map, slots.indexOf(slot)), 'float32') as tf.Tensor2D;
  return { tokens: fused.tokens, order: ordered(own) };
}

/** Those of the slot's encoder alone. */
function encodedTokens(fused: Fused, slot: string): SlotTokens {
  const { tokens, mask } = fusedPart(fused, 'encoded')[slot];
  return { tokens, order: ordered(mask) };
}

/**
 * Some of a slot's tokens.
 *
 * @param places (B, M), which of them
 * @returns      (B, M, D)
 */
export function tokensAt({ tokens, order }: SlotTokens, places: tf.Tensor2D): tf.Tensor3D {
  const wanted = tf.expandDims(tf.cast(places, 'float32'), 2); // (B, M, 1)
  const isThere = tf.cast(tf.equal(wanted, tf.expandDims(order, 1)), 'float32') as tf.Tensor3D; // (B, M, N)
  return tf.matMul(isThere, tokens);
}

function ordered(own: tf.Tensor2D): tf.Tensor2D {
  return tf.sub(tf.mul(own, tf.cumsum(own, 1)), 1); // n-th: n · 1 − 1; others: 0 − 1
}
