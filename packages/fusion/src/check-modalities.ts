import { type Encoders, suggestNames, UnknownNameError } from '@polymodal/core';

/** @throws UnknownNameError for a modality that an option names and that has no encoder */
export function checkModalities(named: readonly string[], encoders: Encoders, where: string): void {
  const unknown = named.find((modality) => !Object.hasOwn(encoders, modality));
  if (unknown === undefined) return;
  throw new UnknownNameError({
    where,
    expected: 'the name of an encoder slot',
    received: `"${unknown}"`,
    hint: suggestNames(unknown, Object.keys(encoders)),
  });
}
