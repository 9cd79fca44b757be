import type * as tf from '@tensorflow/tfjs-core';
import type { Batch, HostBatch, ModalityBatch } from '../batch';
import { Encoder } from '../encoder';
import { StateError } from '../errors';
import type { Encoders } from '../fusion';
import type { EncodedTokens } from '../tokens';

/** Stands in for an encoder whose work was done before: it gives what is in the batch in place of features. */
class GivenEncoder extends Encoder<never> {
  readonly hiddenSize: number;
  readonly depth: number;
  readonly #slot: string;
  readonly #encoder: Encoder;

  constructor(slot: string, encoder: Encoder) {
    super();
    this.hiddenSize = encoder.hiddenSize;
    this.depth = encoder.depth;
    this.#slot = slot;
    this.#encoder = encoder;
  }

  override get pooledSize(): number {
    return this.#encoder.pooledSize;
  }

  override widthAt(index: number): number {
    return this.#encoder.widthAt(index);
  }

  override encode({ rows, features }: ModalityBatch): EncodedTokens {
    const { tokens, mask, pooled } = features;
    return { tokens: tokens as tf.Tensor3D, mask: mask as tf.Tensor2D, pooled: pooled as tf.Tensor2D, rows };
  }

  override encodeStages(batch: ModalityBatch) {
    return { stages: [], encoded: this.encode(batch) };
  }

  embed(): never {
    throw this.#notBetween();
  }

  layer(): never {
    throw this.#notBetween();
  }

  finish(): never {
    throw this.#notBetween();
  }

  #notBetween(): StateError {
    return new StateError({
      where: `encoder "${this.#slot}"`,
      expected: 'a fusion that takes what it gives at its end, as encodesWhole says',
      received: 'one that works before or between its layers, of a batch in which they were run already',
    });
  }
}

/** The encoders of a batch: in the place of those whose values are encoded already, what gives them. */
export function encodersOf(encoders: Encoders, { modalities }: Pick<Batch | HostBatch, 'modalities'>): Encoders {
  const given = Object.entries(modalities).flatMap(([slot, { encoded }]) => (encoded ? [slot] : []));
  if (given.length === 0) return encoders;
  const standIns = given.map((slot) => [slot, new GivenEncoder(slot, encoders[slot])] as const);
  return { ...encoders, ...Object.fromEntries(standIns) };
}
