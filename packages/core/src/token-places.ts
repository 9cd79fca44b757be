import type { Features, HostScalar, HostTensor1D, HostTensor2D } from './features';
import { isPackedValues, unpackValues } from './several/packed-values';

/**
 * Features of a text that say where its tokens stand, of a processor that was told to (`locateTokens` of {@link Processor}). No encoder reads
 * them, and they are not collated: a head is given them with what it answers from.
 */
export type TokenPlaces = {
  /**
   * int32 (N, 2): where each token begins and ends in the text, in units of UTF-16, as `text.slice(start, end)` takes them; −1 for tokens that
   * are not in it: special ones, and those of the first text of a pair.
   */
  readonly offsets: HostTensor2D;
  /** int32 (N): which word each token is of, from 0, as the tokenizer parts the text before all else; −1 as above. */
  readonly words: HostTensor1D;
  /** (T): the text in units of UTF-16. Of a long text in windows, what lies from the beginning of this one to that of the next. */
  readonly characters: HostTensor1D;
  /** One number: which of the text's tokens is the first in this window. */
  readonly firstToken: HostScalar;
};

/** Where the tokens of a value stand; of a slot with several, of each value. None where the features do not say it. */
export function tokenPlaces(features: Features): readonly TokenPlaces[] {
  if (!('offsets' in features)) return [];
  return (isPackedValues(features) ? unpackValues(features) : [features]) as unknown as TokenPlaces[];
}
