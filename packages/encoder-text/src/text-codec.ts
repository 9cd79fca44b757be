import type { TokenCodec } from '@polymodal/core';
import { requireText } from './text-value';
import type { Tokenizer } from './tokenizer';

/** How texts are written, by a tokenizer that can: one that reads parts of texts and writes them again. */
export function textCodec(
  tokenizer: Tokenizer,
  { vocabSize, endIds, placeholderIds }: Pick<TokenCodec<string>, 'vocabSize' | 'endIds' | 'placeholderIds'>,
): TokenCodec<string> | undefined {
  if (!tokenizer.encodePart || !tokenizer.decode) return undefined;
  return {
    vocabSize,
    endIds,
    closingId: tokenizer.closingId,
    maskId: tokenizer.maskId,
    specialIds: tokenizer.specialIds ?? [],
    ...(placeholderIds && { placeholderIds }),
    ...(tokenizer.wordsOf && { wordsOf: (ids: ArrayLike<number>) => tokenizer.wordsOf!(ids) }),
    encode: (text, maxLength) => tokenizer.encodePart!(requireText(text), maxLength),
    decode: (ids) => tokenizer.decode!(ids),
    ...(tokenizer.decodeAll && { decodeAll: (ids: readonly number[]) => tokenizer.decodeAll!(ids) }),
    ...(tokenizer.growing && { growing: () => tokenizer.growing!() }),
    ...(tokenizer.bytesOf && { bytesOf: (id: number) => tokenizer.bytesOf!(id) }),
  };
}
