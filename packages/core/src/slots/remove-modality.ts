import { describeValue } from '../describe-value';
import { ConfigError } from '../errors';
import type { Model } from '../model';
import type { Registry } from '../registry';
import type { ChangedModel } from './changed-model';
import { requireSlot, requireSlotArguments } from './check-slot';
import { releasing } from './fusion-rules';
import { recompose } from './recompose';

/**
 * A model that has learned, without one of its modalities: samples that lacked it are answered as before, and nothing is computed or kept
 * for it any more. They are so to the bit, but where what stood for the absent one was a constant (`tensor`, `low-rank`, `concat`,
 * `gated`): there up to rounding, since sums have fewer terms.
 *
 * ```ts
 * const { model } = await removeModality(registry, trained, 'sound');
 * await saveModel(model, 'without-sound');
 * ```
 *
 * @param model stays what it is, and has values of its own
 * @throws UnknownNameError for a slot that there is not; for one that a head, or an option of the fusion, requires
 * @throws ConfigError for the only slot, and for the last one beside those that `addModality` put in; for a fusion whose answers without the modality depend on it
 * @throws StateError while the model is trained
 */
export async function removeModality<M extends Model>(
  registry: Registry,
  model: M,
  slot: string,
): Promise<ChangedModel<M>> {
  const caller = 'removeModality';
  requireSlotArguments(registry, model, slot, caller);
  requireSlot(model, slot, caller);
  const { [slot]: _, ...encoders } = model.config.encoders;
  if (Object.keys(encoders).length === 0) {
    throw new ConfigError({
      where: caller,
      expected: 'a model that has other modalities too',
      received: `one with ${describeValue(slot)} alone`,
    });
  }
  const config = { ...model.config, encoders, fusion: releasing(registry, model, slot, caller) };
  return recompose(registry, model, { caller, config, kind: 'removed', slot });
}
