import type { HostTensor1D, HostTensor2D, PlaceFeatures } from '@polymodal/core';

/** The features of a text: (N). */
export type TextRow = { readonly inputIds: HostTensor1D };

/** Those of P texts, as processors make them and encoders read them. */
export type TextFeatures = PlaceFeatures & {
  /** int32 (P, N) */
  readonly inputIds: HostTensor2D;
  /** (P, N), 1 = takes part. */
  readonly mask: HostTensor2D;
  /** int32 (P, N), in place of an encoder's own positions. */
  readonly positionIds?: HostTensor2D;
};
