import {
  type Batch,
  type Context,
  defineFusion,
  type Encoders,
  type Fused,
  Fusion,
  type Requirements,
  withTokens,
} from '@polymodal/core';
import { beginSequence, type CausalEncoder, type SequenceLayers } from '@polymodal/generation';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { Linear } from './linear';

/**
 * The smallest fusion that heads can write behind: the sequence of `text` through its causal encoder, with a map of its own between the
 * layers, in which what each row is about (the mean of its readings) takes part. A head that writes past these layers is found out.
 */
class ReferenceDecoder extends Fusion {
  override readonly requires: Requirements = { all: ['text'] };
  override readonly offers = ['causal'] as const;
  readonly between: Linear;
  #layers: SequenceLayers | undefined;

  constructor(readonly hiddenSize: number) {
    super();
    this.between = new Linear(hiddenSize, hiddenSize);
  }

  forward(encoders: Encoders, { modalities: { text } }: Batch, context: Context): Fused {
    const { features } = text;
    const mask = features.mask as tf.Tensor2D;
    const encoder = encoders.text as CausalEncoder;
    this.#layers ??= this.#layersOf(encoder);
    const about = encoders.text.embed(text, context).tokens; // (B, N, D)
    const memory = { about: tf.sum(tf.mul(about, tf.expandDims(mask, 2)), 1) };
    const ids = tf.fill(mask.shape, -1, 'int32') as tf.Tensor2D;
    const { encoded, causal } = beginSequence(this.#layers, { features, ids, memory }, context);
    return { tokens: encoded.tokens, mask, pooled: encoded.pooled, causal };
  }

  #layersOf(encoder: CausalEncoder): SequenceLayers {
    return {
      encoder,
      cacheSizes: encoder.cacheSizes,
      layerWith: (memory) => (index, tokens, context) => {
        const seen = tf.add<tf.Tensor3D>(tokens.tokens, tf.expandDims(memory.about, 1));
        const added = tf.add<tf.Tensor3D>(tokens.tokens, this.between.forward(seen));
        return encoder.layer(index, withTokens(tokens, added), context);
      },
    };
  }
}

/** A `ReferenceDecoder` for cases of heads that write. */
export const referenceDecoder = defineFusion({
  name: 'reference-decoder',
  config: z.object({}),
  create: (_, { hiddenSize }) => new ReferenceDecoder(hiddenSize),
});
