import {
  type Context,
  Encoder,
  type HostTensor2D,
  type HostTensor3D,
  type ModalityBatch,
  type Module,
  type Sequence,
  type Tokens,
  type ValueBlocks,
  withTokens,
} from '@polymodal/core';
import { allTokens, perAxis, zeroPadding } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { ImageFeatures, ImageRow } from './image-processor';
import { PatchEmbeddings, type PatchEmbeddingsConfig } from './patch-embeddings';

/** A layer of a {@link VisionEncoder}: (P, N, D) to the same. */
export interface VisionLayer extends Module {
  forward(tokens: tf.Tensor3D, mask: tf.Tensor2D, context: Context): tf.Tensor3D;
  /** What it gives of some of the tokens (P, Q, D), which look at all of them. */
  forwardOf?(some: tf.Tensor3D, tokens: tf.Tensor3D, mask: tf.Tensor2D, context: Context): tf.Tensor3D;
}

/** What a {@link VisionEncoder} reads. */
export type VisionFeatures = ImageFeatures & {
  /** (P, rows · columns) of 0 and 1, for masked image modelling, where there is a mask token. */
  readonly maskedPatches?: HostTensor2D;
  /** int32 (P, K), indices of patches in their order: what tokens are made of, the others being left out (He et al. 2022). */
  readonly visibleBlocks?: HostTensor2D;
  /** (P, rows, columns) of 0 and 1, of pictures of several sizes, padded right and below, where positions are those of each one's size. */
  readonly patchMask?: HostTensor3D;
};

/** The features of one picture. */
type VisionRow = ImageRow & { readonly patchMask?: HostTensor2D };

/**
 * What Vision Transformers have in common: pictures as embedded patches, and layers of one width. What comes of the last
 * layer's tokens, each says in `finish`.
 *
 * For pictures of another size than imageSize positions are interpolated.
 */
export abstract class VisionEncoder extends Encoder {
  readonly hiddenSize: number;
  readonly embeddings: PatchEmbeddings;
  readonly layers: readonly VisionLayer[];
  override readonly blocks: ValueBlocks;

  constructor(config: PatchEmbeddingsConfig, layers: readonly VisionLayer[]) {
    super();
    this.hiddenSize = config.hiddenSize;
    this.embeddings = new PatchEmbeddings(config);
    this.layers = layers;
    const size = perAxis(config.patchSize);
    const values = size[0] * size[1] * config.numChannels;
    this.blocks = { feature: 'pixelValues', size, values, omits: true };
  }

  get depth(): number {
    return this.layers.length;
  }

  override tokenCount({ pixelValues: { shape }, patchMask }: VisionRow): number {
    if (patchMask) return patchMask.data.filter((one: number) => one === 1).length;
    return this.embeddings.tokenCount(shape[0], shape[1]);
  }

  override usualTokenCount(): number {
    return this.embeddings.usualTokenCount();
  }

  embed({ features, rows }: ModalityBatch<VisionFeatures>, context: Context): Tokens {
    const { pixelValues, patchMask } = features;
    const tokens = this.embeddings.forward(pixelValues, context, features);
    if (!patchMask) return allTokens(tokens, rows);
    const mask = tf.reshape<tf.Rank.R2>(patchMask, [tokens.shape[0], tokens.shape[1]]);
    return { tokens: zeroPadding(tokens, mask), mask, rows };
  }

  override adopt(sequence: Sequence): Tokens {
    return sequence;
  }

  layer(index: number, tokens: Tokens, context: Context): Tokens {
    return withTokens(tokens, this.layers[index].forward(tokens.tokens, tokens.mask, context));
  }

  /** What `lastLayerForPooled` gives where a picture's vector is made of its first token. */
  protected lastLayerForFirst(sequence: Tokens, context: Context): Tokens | undefined {
    const { tokens, mask } = sequence;
    const last = this.layers[this.depth - 1];
    if (!last.forwardOf) return undefined;
    const first = tf.slice(tokens, [0, 0, 0], [-1, 1, -1]);
    return {
      ...sequence,
      tokens: last.forwardOf(first, tokens, mask, context),
      mask: tf.slice(mask, [0, 0], [-1, 1]),
    };
  }
}
