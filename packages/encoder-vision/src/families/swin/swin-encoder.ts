import type { Context, ModalityBatch, Tokens } from '@polymodal/core';
import { allTokens, type Grid, type GridState, SwinTower, type SwinTowerConfig } from '@polymodal/nn';
import type { ImageFeatures, ImageRow } from '../../image-processor';
import { SwinEmbeddings, type SwinEmbeddingsConfig } from './swin-embeddings';

/** What a {@link SwinEncoder} is made from: the names of HF `SwinConfig`. */
export interface SwinEncoderConfig extends SwinEmbeddingsConfig, Omit<SwinTowerConfig, 'finalNormEps'> {}

/**
 * Swin Transformer (Liu et al. 2021; HF `SwinModel`): attention within windows, in stages of half the resolution and twice the
 * width. {@link layer} is a stage; `hiddenSize` is the width of the last. A picture's vector is the mean of its tokens.
 *
 * Pictures may be of any size whose grid in every stage is not less than a window.
 */
export class SwinEncoder extends SwinTower {
  readonly embeddings: SwinEmbeddings;

  constructor(config: SwinEncoderConfig) {
    super(config);
    this.embeddings = new SwinEmbeddings(config);
  }

  embed({ features, rows }: ModalityBatch<ImageFeatures>, context: Context): Tokens<GridState> {
    const { tokens, grid } = this.embeddings.forward(features.pixelValues, context);
    return { ...allTokens(tokens, rows), state: { grid } };
  }

  protected override gridOf(features?: ImageRow): Grid {
    if (!features) return this.embeddings.grid;
    const [height, width] = features.pixelValues.shape;
    return this.embeddings.gridOf(height, width);
  }
}
