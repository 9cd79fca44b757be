import type { Context, ModalityBatch, Sequence, Tokens } from '@polymodal/core';
import { type AttentionState, maskedMean, type Past, zeroPadding } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { CausalTextTransformer } from '../../causal-text-transformer';
import { lastOf } from '../../pool-tokens';
import type { TextFeatures } from '../../text-features';
import type { TextTowerConfig } from '../tower-options';

/** What a {@link ClipTextEncoder} is made from. */
export interface ClipTextEncoderConfig extends TextTowerConfig {
  /**
   * The token that ends a text, whose first place gives the text's vector. `2`, which configs from before 2023 have by
   * mistake, stands for the token of the largest id.
   */
  readonly eosTokenId: number;
}

/** The state of tokens that know where their text ends. */
interface EndedState extends AttentionState {
  /** (P, N), 1 at the end of each text. */
  readonly ends: tf.Tensor2D;
}

/**
 * The text tower of CLIP (Radford et al. 2021; HF `CLIPTextModel`): pre-norm layers in which a token sees itself and those
 * before it, and a final norm. A text's vector is that of the token that ends it; that of a sequence which it did not embed, the
 * last one.
 */
export class ClipTextEncoder extends CausalTextTransformer {
  readonly eosTokenId: number;

  constructor(config: ClipTextEncoderConfig) {
    super({ ...config, hiddenDropout: 0, dropPath: 0, pooling: 'last', positions: 'index' });
    this.eosTokenId = config.eosTokenId;
  }

  override embed(batch: ModalityBatch<TextFeatures>, context: Context, past?: Past): Tokens<EndedState> {
    const { inputIds, mask } = batch.features;
    return withEnds(super.embed(batch, context, past), endsOf(inputIds, mask, this.eosTokenId));
  }

  override adopt(sequence: Sequence, context: Context, past?: Past): Tokens<EndedState> {
    return withEnds(super.adopt(sequence, context, past), lastOf(sequence.mask));
  }

  protected override ownVectors({ tokens, state }: Tokens<EndedState>): tf.Tensor2D {
    return maskedMean(tokens, state.ends);
  }
}

function withEnds(tokens: Tokens<AttentionState>, ends: tf.Tensor2D): Tokens<EndedState> {
  return { ...tokens, state: { ...tokens.state, ends } };
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
