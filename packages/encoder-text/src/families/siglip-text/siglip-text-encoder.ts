import { type Context, type Module, type Tokens, withTokens } from '@polymodal/core';
import { Linear } from '@polymodal/nn';
import type * as tf from '@tensorflow/tfjs-core';
import { poolTokens } from '../../pool-tokens';
import { TextTower, type TextTowerConfig } from '../text-tower';

/** What a {@link SiglipTextEncoder} is made from. */
export interface SiglipTextEncoderConfig extends TextTowerConfig {
  /** Width of a text's vector; hiddenSize by default. */
  readonly projectionSize?: number | null;
}

/**
 * The text tower of SigLIP (Zhai et al. 2023; HF `SiglipTextModel`): pre-norm layers that see the whole text, and a final norm.
 * A text's vector is that of its last token, through a linear layer.
 *
 * SigLIP was trained with texts that are filled up to a fixed length with tokens which take part like all others, and the last
 * of which is the one that counts: its processor does so. What the mask leaves out takes no part, as with Python's
 * `attention_mask`; there the vector is that of the last token that is left.
 *
 * Features: `inputIds` int32 (P, N), `mask` (P, N), and perhaps `positionIds` int32 (P, N), in place of the indices.
 */
export class SiglipTextEncoder extends TextTower {
  readonly head: Linear;

  constructor(config: SiglipTextEncoderConfig) {
    super(config);
    this.head = new Linear(config.hiddenSize, config.projectionSize ?? config.hiddenSize);
  }

  layer(index: number, tokens: Tokens, context: Context): Tokens {
    return withTokens(tokens, this.layers[index].forward(tokens.tokens, tokens.mask, context));
  }

  protected override ownVectors({ tokens, mask }: Tokens): tf.Tensor2D {
    return this.head.forward(poolTokens(tokens, mask, 'last'));
  }

  protected override get ownSize(): number {
    return this.head.outputSize;
  }

  protected override get ownPooler(): Module {
    return this.head;
  }
}
