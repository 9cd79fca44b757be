import {
  type Batch,
  type Context,
  defineFusion,
  type Encoders,
  type Fused,
  Fusion,
  MissingModalityError,
  type Requirements,
} from '@polymodal/core';
import { beginSequence, type CausalEncoder, layersAlone, type SequenceLayers } from '@polymodal/generation';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { causalHost } from './causal-host';

/**
 * A decoder: the sequence of one slot, whose encoder is causal, runs through that encoder's layers, and heads go on behind it. With that
 * slot alone it is a plain language model.
 *
 * The fused tokens and vectors are the encoder's own. It offers `causal`, what a head needs to learn or to write what follows, with the
 * keys and values of this very pass, so that nothing of it is computed again.
 *
 * ```ts
 * const config = defineConfig(createRegistry([text, fusion, headText]), {
 *   hiddenSize: 64,
 *   encoders: { question: { use: 'transformer', causal: true } },
 *   fusion: { use: 'decoder' },
 *   heads: { answer: { use: 'language-model' } }, // of `@polymodal/head-text`
 * });
 * ```
 */
export class DecoderFusion extends Fusion {
  override readonly requires: Requirements;
  override readonly offers = ['owner', 'causal'] as const;
  readonly hiddenSize: number;
  /** The slot whose sequence it is. */
  readonly host: string;
  readonly #layers = new WeakMap<CausalEncoder, SequenceLayers>();

  constructor(host: string, encoder: CausalEncoder) {
    super();
    this.host = host;
    this.requires = { all: [host] };
    this.hiddenSize = encoder.hiddenSize;
  }

  forward(encoders: Encoders, batch: Batch, context: Context): Fused {
    const encoder = encoders[this.host] as CausalEncoder;
    const own = batch.modalities[this.host];
    if (own?.rows.length !== batch.size) throw this.#missing(batch);
    const mask = own.features.mask as tf.Tensor2D;
    const { encoded, causal } = beginSequence(
      this.#layersOf(encoder),
      { features: own.features, ids: idsOf(own.features.inputIds as tf.Tensor2D | undefined, mask) },
      context,
    );
    const slots = Object.keys(encoders);
    const map = tf.cast(tf.sub<tf.Tensor2D>(tf.mul(mask, 1 + slots.indexOf(this.host)), 1), 'int32');
    return { tokens: encoded.tokens, mask, pooled: encoded.pooled, owner: { map, slots }, causal };
  }

  /** The same object for all batches of an encoder, by which decoders are kept that are compiled. */
  #layersOf(encoder: CausalEncoder): SequenceLayers {
    const known = this.#layers.get(encoder) ?? layersAlone(encoder);
    this.#layers.set(encoder, known);
    return known;
  }

  #missing({ size, modalities }: Batch): MissingModalityError {
    const rows = modalities[this.host]?.rows ?? [];
    const row = Array.from({ length: size }, (_, index) => index).find((index) => !rows.includes(index));
    return new MissingModalityError({
      where: `row ${row}`,
      expected: `"${this.host}", whose sequence the decoder goes through`,
      received: 'a row without it',
      hint: 'Leave such samples out of the batch.',
    });
  }
}

/** −1 where a token is of no vocabulary, or takes no part. */
function idsOf(inputIds: tf.Tensor2D | undefined, mask: tf.Tensor2D): tf.Tensor2D {
  const none = tf.fill(mask.shape, -1, 'int32') as tf.Tensor2D;
  return inputIds ? tf.where(tf.cast(mask, 'bool'), inputIds, none) : none;
}

/** The fusion `decoder`. */
export const decoder = defineFusion({
  name: 'decoder',
  config: z.object({
    /** The slot whose sequence it is; by default the one whose encoder is causal. */
    host: z.string().min(1).optional(),
  }),
  create: ({ host }, { encoders }) => {
    const slot = causalHost(encoders, host);
    return new DecoderFusion(slot, encoders[slot] as CausalEncoder);
  },
});
