import { type Batch, type Context, defineFusion, type Encoders, type Fused, Fusion } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { encodeModalities } from './encode-modalities';
import { placePooled } from './place-pooled';
import { singleToken } from './single-token';

/**
 * No fusion: each modality stays what its encoder made of it, and nothing is learned here. It is for models whose heads read the
 * encoders' own vectors, such as two towers and a contrastive head. As the pooled representation the vectors stand side by side, zeros
 * where a row lacks one, in the order of the encoders: what a linear probe reads.
 *
 * ```ts
 * const config = defineConfig(registry, {
 *   hiddenSize: 64,
 *   encoders: { photo: { use: 'vit', imageSize: 32, patchSize: 8 }, caption: { use: 'transformer' } },
 *   fusion: { use: 'none' },
 *   heads: { match: { use: 'contrastive' } },
 * });
 * ```
 */
export class NoFusion extends Fusion {
  override readonly offers = ['encoded'] as const;
  override readonly makesTokens = false;
  /** The sum of the widths of the encoders' vectors. */
  readonly hiddenSize: number;

  constructor(encoders: Encoders) {
    super();
    this.hiddenSize = Object.values(encoders).reduce((sum, { pooledSize }) => sum + pooledSize, 0);
  }

  override encodesWhole(): boolean {
    return true;
  }

  forward(encoders: Encoders, batch: Batch, context: Context): Fused {
    const encoded = encodeModalities(encoders, batch, context);
    const pooled = tf.concat(Object.values(placePooled(encoders, encoded, batch.size)), 1); // (B, D)
    return { ...singleToken(pooled), encoded };
  }
}

/** The fusion `none`. */
export const none = defineFusion({
  name: 'none',
  config: z.object({}),
  create: (_, { encoders }) => new NoFusion(encoders),
  slots: { admit: () => ({}), release: () => ({}) }, // heads that read the vectors side by side have another width then, and are refused
});
