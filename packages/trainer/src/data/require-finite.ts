import { type Features, type PreparedSample, SampleError } from '@polymodal/core';

/**
 * Makes sure that a sample consists of numbers that a model can compute with: one NaN spoils all parameters.
 *
 * @param where how error messages call the sample
 * @throws SampleError naming the slot and its feature, or the target
 */
export function requireFinite({ features, targets }: PreparedSample, where: string): void {
  for (const [slot, own] of Object.entries(features)) checkSlot(own, `${where}, ${slot}`);
  for (const [name, value] of Object.entries(targets ?? {})) checkTarget(value, `${where}, targets.${name}`);
}

function checkSlot(features: Features, where: string): void {
  for (const [name, { data }] of Object.entries(features)) {
    if (data instanceof Int32Array) continue; // cannot hold anything else
    for (let i = 0; i < data.length; i++) {
      if (Number.isFinite(data[i])) continue;
      throw new SampleError({
        where,
        expected: 'features that are finite numbers',
        received: `${data[i]} in "${name}", at position ${i} of ${data.length}`,
        hint: 'Look at the raw value. A processor that has no number for something gives 0 there, and a mask.',
      });
    }
  }
}

function checkTarget(value: unknown, where: string): void {
  const values =
    Array.isArray(value) || value instanceof Float32Array || value instanceof Float64Array ? value : [value];
  const position = values.findIndex((own: unknown) => Number.isNaN(own));
  if (position < 0) return;
  throw new SampleError({
    where,
    expected: 'a target without NaN',
    received: values.length > 1 ? `NaN at position ${position} of ${values.length}` : 'NaN',
    hint: 'Leave a target out where there is none.',
  });
}
