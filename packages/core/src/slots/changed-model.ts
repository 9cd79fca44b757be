import type { Model } from '../model';

/** A model with other slots than the one that it was made from. */
export interface ChangedModel<M extends Model = Model> {
  /** It has values of its own: the other one stays what it was, and may be used or disposed. */
  readonly model: M;
  /**
   * Paths of the parameters that the other one did not have, or that begin anew: `train(model, { train: newParameters, … })` trains them
   * alone, and leaves everything else as it is, to the byte.
   */
  readonly newParameters: readonly string[];
  /** Paths of parameters that kept what belongs to other slots, in another shape, since those of the slot came or went. */
  readonly reshapedParameters: readonly string[];
  /** Paths of the other one's parameters that are no more. */
  readonly leftParameters: readonly string[];
}
