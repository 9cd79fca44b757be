import type { Model } from '../model';
import type { Registry } from '../registry';
import type { ChangedModel } from './changed-model';
import { type EncoderSource, encoderOf, requireFreeSlot, requireSlotArguments } from './check-slot';
import { admitting } from './fusion-rules';
import { recompose } from './recompose';

/**
 * A model that has learned, with one more modality, which comes in so that at first nothing changes: every sample is answered as before
 * (≤ 1e-7), also one that has the new modality beside others. A sample with that alone gets an answer too, which says nothing yet.
 *
 * ```ts
 * const { model, newParameters } = await addModality(registry, trained, 'sound', { use: 'mel-transformer' });
 * await train(model, { data, train: newParameters, epochs: 5 }); // samples without sound are answered as before, to the bit
 * ```
 *
 * The fusion comes with options by which the slot enters: `gate`, or `added`. A head that reads what encoders gave alone makes of the new
 * one what it makes of any: `expert-classification` begins with an expert that says nothing.
 *
 * @param model   stays what it is, and has values of its own; what its processors learned is taken over
 * @param encoder options of the slot as in a config; or a model that has a slot of that name, for an encoder that is pretrained
 *   (`composePretrained`) or was trained elsewhere
 * @throws ConfigError for a fusion into which none comes unnoticed, with those that take one; for options as `composeModel`
 * @throws DuplicateNameError for a slot that there is; UnknownNameError as `composeModel`
 * @throws StateError while the model is trained
 */
export async function addModality<M extends Model>(
  registry: Registry,
  model: M,
  slot: string,
  encoder: EncoderSource,
): Promise<ChangedModel<M>> {
  const caller = 'addModality';
  requireSlotArguments(registry, model, slot, caller);
  requireFreeSlot(model, slot, caller);
  const { options, donor } = encoderOf(encoder, slot, caller);
  const fusion = admitting(registry, model, slot, caller);
  const config = { ...model.config, encoders: { ...model.config.encoders, [slot]: options }, fusion };
  return recompose(registry, model, { caller, config, kind: 'added', slot, donor });
}
