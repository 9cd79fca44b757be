import { type HostTensor2D, hostTensor, type Lengths, placeFeatures, type TokenCodec } from '@polymodal/core';
import { type ReferenceFeatures, ReferenceProcessor, type ReferenceRow, stepSize } from './reference-processor';

/** P signals, and a token for each of their steps (P, L). */
type TokenFeatures = ReferenceFeatures & { readonly inputIds: HostTensor2D };

/** Reads signals as a {@link ReferenceProcessor} does, and as texts: each step is a token too, none that is special, by its first number. */
export class TokenProcessor extends ReferenceProcessor {
  override readonly lengthAxes = {
    values: { 1: 'steps' },
    mask: { 1: 'steps' },
    inputIds: { 1: 'steps' },
    placeSlot: { 1: 'steps' },
    placeValue: { 1: 'steps' },
  };
  override readonly masks = { mask: ['values', 'inputIds', ...placeFeatures] };
  readonly #usual: readonly number[];

  constructor(
    bucketSize: number,
    override readonly codec: TokenCodec,
  ) {
    super(bucketSize, codec);
    const special = new Set([...(codec.specialIds ?? []), codec.maskId]);
    this.#usual = Array.from({ length: codec.vocabSize }, (_, id) => id).filter((id) => !special.has(id));
  }

  override collate(rows: readonly ReferenceRow[], lengths?: Lengths): TokenFeatures {
    const features = super.collate(rows, lengths);
    const { values, mask } = features;
    const ids = Int32Array.from(mask.data, (takesPart, step) => {
      const size = Math.floor(100 * Math.abs(values.data[step * stepSize]));
      return takesPart === 1 ? this.#usual[size % this.#usual.length] : 0;
    });
    return { ...features, inputIds: hostTensor(ids, mask.shape) };
  }
}
