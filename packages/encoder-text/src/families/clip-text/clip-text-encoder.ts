import { type Context, type ModalityBatch, type Tokens, withTokens } from '@polymodal/core';
import { maskedMean, zeroPadding } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { causalBias } from '../../causal-bias';
import { poolTokens } from '../../pool-tokens';
import { TextTower, type TextTowerConfig } from '../text-tower';

/** What a {@link ClipTextEncoder} is made from. */
export interface ClipTextEncoderConfig extends TextTowerConfig {
  /**
   * The token that ends a text, whose first place gives the text's vector. `2`, which configs from before 2023 have by
   * mistake, stands for the token of the largest id.
   */
  readonly eosTokenId: number;
}

/** Tokens that know where their text ends. */
interface EndedTokens extends Tokens {
  /** (P, N), 1 at the end of each text. */
  readonly ends?: tf.Tensor2D;
}

/**
 * The text tower of CLIP (Radford et al. 2021; HF `CLIPTextModel`): pre-norm layers in which a token sees itself and those
 * before it, and a final norm. A text's vector is that of the token that ends it, or the last one, where a fusion has put
 * other tokens in place of the text's own.
 *
 * Features: `inputIds` int32 (P, N), `mask` (P, N), and perhaps `positionIds` int32 (P, N), in place of the indices.
 */
export class ClipTextEncoder extends TextTower {
  readonly eosTokenId: number;

  constructor(config: ClipTextEncoderConfig) {
    super(config);
    this.eosTokenId = config.eosTokenId;
  }

  override embed(batch: ModalityBatch, context: Context): EndedTokens {
    const tokens = super.embed(batch, context);
    return { ...tokens, ends: endsOf(batch.features.inputIds as tf.Tensor2D, tokens.mask, this.eosTokenId) };
  }

  layer(index: number, tokens: Tokens, context: Context): Tokens {
    const bias = causalBias(tokens.tokens.shape[1]);
    return withTokens(tokens, this.layers[index].forward(tokens.tokens, tokens.mask, context, bias));
  }

  protected override finishTokens({ ends: _, ...tokens }: EndedTokens): Tokens {
    return super.finishTokens(tokens);
  }

  protected override ownVectors({ tokens, mask }: Tokens, { ends }: EndedTokens): tf.Tensor2D {
    const isSameText = ends?.shape[1] === mask.shape[1];
    return ends && isSameText ? maskedMean(tokens, ends) : poolTokens(tokens, mask, 'last');
  }
}

/** The id that stands for the largest one. */
const legacyEosTokenId = 2;

/**
 * 1 at the first token that ends each text; at the first of all where there is none.
 *
 * @param ids  int32 (P, N)
 * @param mask (P, N), 1 = takes part
 * @returns    (P, N)
 */
function endsOf(ids: tf.Tensor2D, mask: tf.Tensor2D, eosTokenId: number): tf.Tensor2D {
  const known = tf.cast(zeroPadding(ids, mask), 'float32');
  const rank = eosTokenId === legacyEosTokenId ? known : tf.cast(tf.equal(known, eosTokenId), 'float32');
  const first = tf.argMax(tf.mul(mask, tf.add(rank, 1)), 1); // padding is below every token
  return tf.mul(mask, tf.oneHot(first, mask.shape[1], 1, 0, 'float32'));
}
