import { type Features, type HeadTargets, type PreparedSample, SampleError } from '@polymodal/core';

/**
 * Makes sure that a sample consists of numbers that a model can compute with: one NaN spoils all parameters.
 *
 * @param heads what each of them learns from
 * @param where how error messages call the sample
 * @throws SampleError naming the slot and its feature, or the target
 */
export function requireFinite(heads: HeadTargets, { features, targets }: PreparedSample, where: string): void {
  for (const [slot, own] of Object.entries(features)) check(own, `${where}, ${slot}`);
  for (const [head, own] of Object.entries(targets)) check(own, `${where}, targets.${heads[head].name}`);
}

function check(features: Features, where: string): void {
  for (const [name, { data }] of Object.entries(features)) {
    if (!(data instanceof Float32Array)) continue; // cannot hold anything else
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
