import { ConfigError, isRecord, suggestNames, UnknownNameError } from '@polymodal/core';
import type { ConfigFile } from '../config/config-file';

/**
 * Makes sure that data and model of a config speak of the same slots and targets, before anything is opened.
 *
 * @throws UnknownNameError for a slot or target of the data that the model does not have, with its line and the nearest name
 * @throws ConfigError for an encoder that no column is bound to
 */
export function requireBound(config: ConfigFile): void {
  const { data, model } = config.project;
  const encoders = namesIn(model.encoders);
  const heads = isRecord(model.heads) ? model.heads : {};
  const targets = Object.entries(heads).map(([name, options]) =>
    isRecord(options) && typeof options.target === 'string' ? options.target : name,
  );
  for (const slot of Object.keys(data.slots)) requireKnown(config, `data.slots.${slot}`, slot, encoders, 'an encoder');
  for (const target of Object.keys(data.targets)) {
    requireKnown(config, `data.targets.${target}`, target, targets, 'the target of a head');
  }
  const bound = Object.entries(data.slots).flatMap(([slot, binding]) => [slot, ...slotsWithin(binding)]);
  const unbound = encoders.find((slot) => !bound.includes(slot));
  if (unbound === undefined) return;
  config.within(`model.encoders.${unbound}`, () => {
    throw new ConfigError({
      expected: 'a slot that a column is bound to',
      received: 'one that is not among data.slots',
      hint: suggestNames(unbound, bound),
    });
  });
}

/** A conversation has values of other slots in it. */
function slotsWithin(binding: unknown): string[] {
  return isRecord(binding) && 'conversation' in binding ? namesIn(binding.values) : [];
}

function namesIn(value: unknown): string[] {
  return isRecord(value) ? Object.keys(value) : [];
}

function requireKnown(config: ConfigFile, place: string, name: string, known: readonly string[], what: string): void {
  if (known.includes(name)) return;
  config.within(place, () => {
    throw new UnknownNameError({
      expected: `a name that ${what} of the model has`,
      received: `"${name}"`,
      hint: suggestNames(name, known),
    });
  });
}
