import { ConfigError, type Encoders, mapRecord } from '@polymodal/core';
import { z } from 'zod';
import { checkModalities } from './check-modalities';
import { without } from './interaction-slots';
import type { InteractionsConfig } from './modality-interactions';

/** The option of fusions in which modalities attend to one another. */
export const attendsOption = z.record(z.string(), z.array(z.string()).readonly()).optional();

/**
 * Which modalities attend to which: as an option says, or each to all others. Pairs whose interaction is 0, and stays so, are left
 * out, and so are modalities that attend to none.
 *
 * @throws UnknownNameError for a modality without an encoder, ConfigError where none is left, or one is to attend to itself
 */
export function attendedModalities(
  given: Readonly<Record<string, readonly string[]>> | undefined,
  { interactions, scheduleInteractions: schedule }: Omit<InteractionsConfig, 'learnInteractions'>,
  encoders: Encoders,
): Record<string, string[]> {
  const slots = Object.keys(encoders);
  for (const [query, keys] of Object.entries(given ?? {})) {
    checkModalities([query, ...keys], encoders, 'fusion.attends');
    if (keys.includes(query)) throw attendsToItself(query);
  }
  const excludes = (query: string, key: string) => interactions[query]?.[key] === 0 && !schedule?.to[query]?.[key];
  const attends: Record<string, string[]> = {};
  for (const query of slots) {
    const keys = given ? (given[query] ?? []) : slots.filter((slot) => slot !== query);
    const own = slots.filter((key) => keys.includes(key) && !excludes(query, key));
    if (own.length > 0) attends[query] = own;
  }
  if (Object.keys(attends).length > 0) return attends;
  throw new ConfigError({
    where: 'fusion.attends',
    expected: 'a modality that attends to another one',
    received: slots.length > 1 ? 'none' : `a model with the modality ${slots[0]} alone`,
  });
}

/** The option without a slot. */
export function attendsWithout(
  attends: Readonly<Record<string, readonly string[]>>,
  slot: string,
): Record<string, string[]> {
  return mapRecord(without(attends, slot), (keys) => keys.filter((key) => key !== slot));
}

function attendsToItself(slot: string): ConfigError {
  return new ConfigError({
    where: `fusion.attends.${slot}`,
    expected: 'other modalities: in the layers of its encoder a modality attends to itself',
    received: `"${slot}"`,
  });
}
