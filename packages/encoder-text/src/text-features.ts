import type { HostTensor1D, HostTensor2D, PlaceFeatures, SegmentFeature, TokenPlaces } from '@polymodal/core';

/** The features of a text: (N). Those of a conversation say which tokens are of answers, those of a pair which are of the second text. */
export type TextRow = Partial<TokenPlaces> & {
  readonly inputIds: HostTensor1D;
  readonly answers?: HostTensor1D;
  /** Where texts share a row: which of them a token is of. */
  readonly segment?: HostTensor1D;
  /** Of a pair of texts. */
  readonly tokenTypeIds?: HostTensor1D;
};

/** Those of P texts, as processors make them and encoders read them. */
export type TextFeatures = PlaceFeatures &
  SegmentFeature & {
    /** int32 (P, N) */
    readonly inputIds: HostTensor2D;
    /** (P, N), 1 = takes part. */
    readonly mask: HostTensor2D;
    /** (P, N), 1 = of an answer: what a model is to learn to write. Of batches with a conversation in them. */
    readonly answers?: HostTensor2D;
    /** int32 (P, N), of batches with a pair of texts in them: which text each token is of, as the tokenizer counts them. */
    readonly tokenTypeIds?: HostTensor2D;
    /** int32 (P, N), in place of an encoder's own positions. */
    readonly positionIds?: HostTensor2D;
  };
