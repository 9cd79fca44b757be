import { type Context, Module } from '@polymodal/core';
import type { CacheSizes } from '@polymodal/generation';
import type { Past } from '@polymodal/nn';
import type * as tf from '@tensorflow/tfjs-core';
import type { AttendedTokens, KeptTokens } from './attended-tokens';

/** Tokens of a decoder, those that take part first, or with a past those that go on behind it. */
export interface DecoderTokens {
  /** int32 (B, N) */
  readonly inputIds: tf.Tensor2D;
  /** (B, N), 1 = takes part. */
  readonly mask: tf.Tensor2D;
}

/**
 * The decoder of an encoder–decoder: its tokens see those before them, and look at the tokens of another part, whoever made these. A head
 * that writes with one ({@link TextDecoderHead}) asks nothing else of it, so that decoders of other kinds (T5's relative positions, BART's norms
 * behind the sums) are this class with layers of their own.
 *
 * The three passes compute the same: of one sequence, `forward` gives at once what `decode` gives token by token.
 *
 * - `forward` is for learning. All tokens are there; gradients reach the decoder and what it looks at.
 * - `keep` projects what is looked at, once for all that is written about it.
 * - `decode` runs new tokens behind those whose keys and values are cached: `past.caches` has one for each self-attention, `past.places` says
 *   where the new keys go and `past.biases` which slots they see, as `runAttentionLayer` of `@polymodal/nn` reads them; `past.positions`
 *   are the places of the tokens in their rows. It is a pure function of tensors, which is compiled; nothing is dropped.
 */
export abstract class CrossAttentionDecoder extends Module {
  /** V, which ids lie below. */
  abstract readonly vocabSize: number;
  /** Most tokens of a sequence; `Number.POSITIVE_INFINITY` where nothing bounds them. */
  abstract readonly maxPositionEmbeddings: number;
  /** What its self-attentions keep. */
  abstract readonly cacheSizes: CacheSizes;

  /** @returns (B, N, D), finished */
  abstract forward(tokens: DecoderTokens, attended: AttendedTokens, context: Context): tf.Tensor3D;

  /** Keys and values that the layers look at, one for each of the caches, in their order. */
  abstract keep(attended: AttendedTokens): KeptTokens;

  /** @returns (B, N, D), finished, and the past with the new tokens */
  abstract decode(
    tokens: DecoderTokens,
    kept: KeptTokens,
    past: Past,
  ): { readonly tokens: tf.Tensor3D; readonly past: Past };

  /**
   * What may follow each token.
   *
   * @param tokens (…, D), finished
   * @returns      (…, V)
   */
  abstract logits<T extends tf.Tensor>(tokens: T): T;
}
