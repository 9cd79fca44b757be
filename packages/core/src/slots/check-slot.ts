import { describeValue } from '../describe-value';
import { ConfigError, DuplicateNameError, UnknownNameError } from '../errors';
import { Model } from '../model';
import type { UncheckedSlot } from '../model-config';
import { suggestNames } from '../nearest-names';
import type { Registry } from '../registry';
import { isRecord, requireArgument } from '../require-argument';

/** An encoder for a slot: its part of a config, or a model with a slot of that name, whose encoder is taken with what it learned. */
export type EncoderSource = UncheckedSlot | Model;

/** @throws ConfigError for what is no registry, no model or no name */
export function requireSlotArguments(registry: Registry, model: Model, slot: string, caller: string): void {
  requireArgument(typeof registry?.encoder === 'function', caller, 'a registry', registry);
  requireArgument(model instanceof Model, caller, 'a model', model);
  requireArgument(typeof slot === 'string', caller, 'the name of a slot', slot);
}

/** @throws UnknownNameError with the nearest names */
export function requireSlot(model: Model, slot: string, where: string): void {
  if (Object.hasOwn(model.encoders, slot)) return;
  throw new UnknownNameError({
    where,
    expected: 'the name of an encoder slot of the model',
    received: describeValue(slot),
    hint: suggestNames(slot, Object.keys(model.encoders)),
  });
}

/** @throws DuplicateNameError */
export function requireFreeSlot(model: Model, slot: string, where: string): void {
  if (!Object.hasOwn(model.encoders, slot)) return;
  throw new DuplicateNameError({
    where,
    expected: 'the name of a slot that the model does not have',
    received: describeValue(slot),
    hint: 'To put another encoder in its place, call swapEncoder.',
  });
}

/** Its part of a config, and the model that it is of. */
export function encoderOf(
  source: EncoderSource,
  slot: string,
  caller: string,
): { readonly options: UncheckedSlot; readonly donor: Model | undefined } {
  if (source instanceof Model) {
    requireSlot(source, slot, `${caller}, the model with the encoder`);
    requireNoAdapters(source, slot, caller);
    return { options: source.config.encoders[slot], donor: source };
  }
  const expected = "the encoder's part of a config, { use: … }, or a model with a slot of that name";
  requireArgument(isRecord(source), caller, expected, source);
  return { options: source, donor: undefined };
}

/** Adapters stand in the config of a whole model, and cannot be taken with a part of it. */
function requireNoAdapters(source: Model, slot: string, caller: string): void {
  if (!source.config.adapters?.length) return;
  throw new ConfigError({
    where: `${caller}, the model with the encoder`,
    expected: 'one without adapters',
    received: `one that has some, ${describeValue(slot)} perhaps among what they adapt`,
    hint: 'Call its mergeAdapters first.',
  });
}
