import {
  ConfigError,
  type EncodedTokens,
  type Encoders,
  type Fused,
  type FusedPart,
  Module,
  Parameter,
} from '@polymodal/core';
import { Linear, placeRows, zeros } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { checkModalities } from './check-modalities';

/**
 * The option of fusions that end in a vector: modalities that are added to a trained model. They are added to that vector through gates that
 * are shut at first, so that the model first does exactly what it did without them.
 */
export const addedOption = z.array(z.string()).readonly().default([]);

/**
 * Adds what a trained fusion did not know to the vector that it makes of the modalities that it knew:
 *
 *     h ← h + Σ tanh(α_s) W_s x_s
 *
 * x_s is the pooled representation of an added modality. Its gate starts at α_s = 0 (Alayrac et al. 2022, section 2.2), and learns how much to
 * let in. Rows that lack the modality never change.
 */
export class AddedModalities extends Module {
  readonly vectors: Readonly<Record<string, GatedVector>>;

  constructor(added: readonly string[], encoders: Encoders, hiddenSize: number) {
    super();
    this.vectors = Object.fromEntries(
      added.map((slot) => [slot, new GatedVector(encoders[slot].pooledSize, hiddenSize)]),
    );
  }

  get slots(): readonly string[] {
    return Object.keys(this.vectors);
  }

  /**
   * @param joint (B, D)
   * @returns (B, D)
   */
  forward(joint: tf.Tensor2D, encoded: Readonly<Record<string, EncodedTokens>>): tf.Tensor2D {
    let sum = joint;
    for (const [slot, vector] of Object.entries(this.vectors)) {
      const own = encoded[slot];
      if (own) sum = tf.add(sum, placeRows(vector.forward(own.pooled), own.rows, joint.shape[0]));
    }
    return sum;
  }

  /** (B, 1) of each added modality that a row has: how far its gate is open, 0 in rows that lack it. */
  gates(encoded: Readonly<Record<string, EncodedTokens>>, size: number): Pick<Fused, 'gates'> {
    if (this.slots.length === 0) return {};
    const there = Object.entries(this.vectors).filter(([slot]) => encoded[slot]);
    const openings = there.map(([slot, { gate }]) => {
      const { rows } = encoded[slot];
      return [slot, placeRows(tf.mul<tf.Tensor2D>(tf.ones([rows.length, 1]), tf.tanh(gate.value)), rows, size)];
    });
    return { gates: Object.fromEntries(openings) };
  }
}

/** tanh(α) (W x + b) */
class GatedVector extends Module {
  readonly projection: Linear;
  /** α, a scalar. */
  readonly gate: Parameter<tf.Rank.R0>;

  constructor(inputSize: number, outputSize: number) {
    super();
    this.projection = new Linear(inputSize, outputSize);
    this.gate = new Parameter([], zeros);
  }

  /** (P, E) → (P, D) */
  forward(pooled: tf.Tensor2D): tf.Tensor2D {
    return tf.mul(this.projection.forward(pooled), tf.tanh(this.gate.value));
  }
}

/** What a fusion offers, with the gates of added modalities. */
export function offeredWith(added: readonly string[], ...parts: readonly FusedPart[]): readonly FusedPart[] {
  return added.length > 0 ? [...parts, 'gates'] : parts;
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
    hint:
      'Keep one of the modalities that it began with, or compose a model in which none is added, and give it what this one learned with ' +
      'startFrom of @polymodal/trainer.',
  });
}

/** What is of the modalities that are not added. */
export function beside<T>(added: readonly string[], bySlot: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(bySlot).filter(([slot]) => !added.includes(slot)));
}
