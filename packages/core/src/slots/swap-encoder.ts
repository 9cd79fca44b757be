import type { Model } from '../model';
import type { Registry } from '../registry';
import type { ChangedModel } from './changed-model';
import { type EncoderSource, encoderOf, requireSlot, requireSlotArguments } from './check-slot';
import { recompose } from './recompose';

/**
 * A model that has learned, with another encoder in one of its slots: of another architecture, a larger one, a pretrained one. Everything
 * else is kept to the bit, so that samples without the modality are answered as before. Where the widths of the two encoders differ,
 * what brings the slot's tokens and vectors to the width of the model begins anew. A slot that takes several values goes on to, unless the
 * options say otherwise.
 *
 * ```ts
 * const better = await composePretrained(registry, { // of `@polymodal/hub`
 *   hiddenSize: 64,
 *   encoders: { photo: { use: 'pretrained-image', from: 'facebook/dinov2-small' } },
 *   fusion: { use: 'none' },
 *   heads: {},
 * });
 * const { model, newParameters } = await swapEncoder(registry, trained, 'photo', better);
 * await train(model, { data, train: newParameters, freeze: ['encoders.photo'], epochs: 2 }); // what joins it to the rest
 * ```
 *
 * @param model   stays what it is, and has values of its own
 * @param encoder options of the slot as in a config; or a model with a slot of that name, whose encoder comes with what it learned
 * @throws UnknownNameError for a slot that there is not, with the nearest names; ConfigError, UnknownNameError as `composeModel`
 * @throws ConfigError for a fusion that works between the layers of encoders, and would do so after others
 * @throws StateError while the model is trained
 */
export async function swapEncoder<M extends Model>(
  registry: Registry,
  model: M,
  slot: string,
  encoder: EncoderSource,
): Promise<ChangedModel<M>> {
  const caller = 'swapEncoder';
  requireSlotArguments(registry, model, slot, caller);
  requireSlot(model, slot, caller);
  const { options, donor } = encoderOf(encoder, slot, caller);
  // How many values a sample has is not the encoder's to say.
  const { several = model.config.encoders[slot].several } = options;
  const own = several === undefined ? options : { ...options, several };
  const config = { ...model.config, encoders: { ...model.config.encoders, [slot]: own } };
  return recompose(registry, model, { caller, config, kind: 'swapped', slot, donor });
}
