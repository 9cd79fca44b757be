import { collateSamples, fulfils, inferenceContext, type PreparedSample } from '@polymodal/core';
import type { BuiltFusion, FusionCase } from '../cases/fusion-case';
import { type FusedValues, readFused } from '../compare/fused-row';
import { ConformanceError } from '../conformance-error';
import { gatedSlots } from './added-modality-is-identity';

/**
 * Of a fusion that tells owners, each slot that a row has owns a token at least, unless it comes in through gates, and as many with
 * another slot beside it as without.
 */
export async function ownersAreTheSlotsOfTheRow(subject: FusionCase): Promise<void> {
  const gated = gatedSlots(subject);
  const built = subject.build();
  try {
    const together = await owned(subject, built, subject.samples);
    for (const [row, sample] of subject.samples.entries()) {
      const slots = Object.keys(sample.features);
      const where = `${subject.name}, a row with ${slots.join(' and ')}`;
      const silent = slots.find((slot) => !gated.includes(slot) && together[row][slot] === 0);
      if (silent !== undefined) fail(where, `a token that belongs to ${silent}`, 'none');
      for (const slot of slots) {
        const { [slot]: _, ...features } = sample.features;
        if (Object.keys(features).length === 0 || !fulfils(subject.requires, Object.keys(features))) continue;
        const [without] = await owned(subject, built, [{ ...sample, features }]);
        for (const other of Object.keys(features)) {
          const [expected, received] = [without[other], together[row][other]];
          if (expected !== received) fail(where, `${expected} tokens of ${other}, as without ${slot}`, `${received}`);
        }
      }
    }
  } finally {
    built.dispose();
  }
}

/** How many tokens of each row belong to each slot. */
async function owned(
  subject: FusionCase,
  built: BuiltFusion,
  samples: readonly PreparedSample[],
): Promise<Record<string, number>[]> {
  const fused = await readFused(() => built.fuse(collateSamples(subject, samples), inferenceContext()));
  return samples.map((_, row) => countOwned(fused, row));
}

function countOwned({ values: { owner }, slots }: FusedValues, row: number): Record<string, number> {
  const length = owner.shape[1];
  const indices = Array.from({ length }, (_, token) => owner.data[row * length + token]);
  return Object.fromEntries(slots.map((slot, index) => [slot, indices.filter((own) => own === index).length]));
}

function fail(where: string, expected: string, received: string): never {
  throw new ConformanceError({ where, expected, received });
}
