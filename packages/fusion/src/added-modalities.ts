import { ConfigError, type EncodedTokens, type Encoders, Module } from '@polymodal/core';
import { Linear, placeRows, zeros } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { checkModalities } from './check-modalities';

/**
 * The option of fusions that end in a vector: modalities that are added to a trained model. They are added to that vector through linear maps
 * that are 0 at first, so that the model first does exactly what it did without them.
 */
export const addedOption = z.array(z.string()).readonly().default([]);

/**
 * Adds what a trained fusion did not know to the vector that it makes of the modalities that it knew:
 *
 *     h ← h + Σ Z_s x_s
 *
 * x_s is the pooled representation of an added modality, and Z_s is 0 at first (as the "zero convolutions" of Zhang et al. 2023), so that
 * nothing changes until it has learned; its gradient is not 0. Rows that lack the modality never change.
 */
export class AddedModalities extends Module {
  /** Z_s, by slot. */
  readonly projections: Readonly<Record<string, Linear>>;

  constructor(added: readonly string[], encoders: Encoders, hiddenSize: number) {
    super();
    this.projections = Object.fromEntries(
      added.map((slot) => [
        slot,
        new Linear(encoders[slot].pooledSize, hiddenSize, { bias: false, initializer: zeros }),
      ]),
    );
  }

  /**
   * @param joint (B, D)
   * @returns (B, D)
   */
  forward(joint: tf.Tensor2D, encoded: Readonly<Record<string, EncodedTokens>>): tf.Tensor2D {
    let sum = joint;
    for (const [slot, projection] of Object.entries(this.projections)) {
      const own = encoded[slot];
      if (own) sum = tf.add(sum, placeRows(projection.forward(own.pooled), own.rows, joint.shape[0]));
    }
    return sum;
  }
}

/**
 * The encoders of the modalities that are not added.
 *
 * @param where the option that names those that are
 * @throws UnknownNameError for one without an encoder, ConfigError where none is left
 */
export function encodersBeside(added: readonly string[], encoders: Encoders, where: string): Encoders {
  checkModalities(added, encoders, where);
  const others = beside(added, encoders);
  if (Object.keys(others).length > 0) return others;
  throw new ConfigError({
    where,
    expected: 'a modality beside those that are added, which they are added to',
    received: `a model with ${added.join(', ')} alone`,
  });
}

/** What is of the modalities that are not added. */
export function beside<T>(added: readonly string[], bySlot: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(bySlot).filter(([slot]) => !added.includes(slot)));
}
