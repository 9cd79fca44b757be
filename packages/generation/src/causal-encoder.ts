import type { Context, Encoder, Features, ModalityBatch, Sequence, Tokens } from '@polymodal/core';
import type { AttentionState, Embedding, Past } from '@polymodal/nn';
import type { CacheSizes } from './cache/decodable';

/** An encoder whose tokens see only themselves and those before them, so that new ones can be run without the old. */
export interface CausalEncoder extends Encoder<AttentionState> {
  readonly tokenEmbeddings: Embedding;
  /** Most tokens of a sequence. */
  readonly maxPositionEmbeddings: number;
  /** What its layers keep. */
  readonly cacheSizes: CacheSizes;

  /** What is known of a sequence before it is embedded. */
  tokenCount(features: Features): number;

  /** What {@link embed} begins with, positions left out, and {@link adopt} takes: to be put among other tokens. */
  words(batch: ModalityBatch): Sequence;

  /** @param past where the tokens are new ones that follow others */
  embed(batch: ModalityBatch, context: Context, past?: Past): Tokens<AttentionState>;

  /** @param past where the tokens are new ones that follow others */
  adopt(sequence: Sequence, context: Context, past?: Past): Tokens<AttentionState>;
}

/** Whether an encoder's tokens see only those before them, so that it can be decoded. */
export function isCausalEncoder(encoder: Encoder): encoder is CausalEncoder {
  const own = encoder as Partial<CausalEncoder>;
  return typeof own.words === 'function' && own.cacheSizes !== undefined && own.tokenEmbeddings !== undefined;
}
