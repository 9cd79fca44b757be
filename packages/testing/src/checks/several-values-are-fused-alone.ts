import {
  collateSamples,
  type FusionDefinition,
  type PreparedSample,
  prepareSample,
  RandomKey,
  type SampleProcessors,
} from '@polymodal/core';
import type { FusionCase } from '../cases/fusion-case';
import { fusionOfSeveral, withoutValues } from '../cases/fusion-of-several';
import { expectCounted } from '../compare/expect-counted';
import { expectSameValues } from '../compare/expect-same-values';
import { fusedRow } from '../compare/fused-row';
import { randomSignal } from '../doubles/random-signal';

/** How many values the rows of the batch have under the slot, and whether they have the other modalities too. */
const rows = [
  { count: 0, others: true },
  { count: 1, others: false },
  { count: 7, others: true },
  { count: 2, others: false },
];

/** A row with no value, with one and with seven share a batch, each fused as it is alone, whatever stands where there is none. */
export async function severalValuesAreFusedAlone(subject: FusionCase, definition: FusionDefinition): Promise<void> {
  const { name, tolerance } = subject;
  const built = fusionOfSeveral(subject, definition);
  const { slot } = built;
  const key = RandomKey.from(0).fold('several values');
  try {
    const samples = await Promise.all(rows.map((row, index) => prepared(subject, built, slot, row, key.fold(index))));
    const batch = collateSamples(built, samples);
    const together = await built.fuse(batch);
    const spoilt = await built.fuse(withoutValues(batch, slot));
    for (const [row, sample] of samples.entries()) {
      const claim = `${name}, a row with ${rows[row].count} values of ${slot}`;
      expectCounted(claim, together, row, built.tokenCount(sample));
      const alone = fusedRow(await built.fuse(collateSamples(built, [sample])), 0);
      expectSameValues(`${claim} in a mixed batch against it alone`, alone, fusedRow(together, row), tolerance);
      const claimOfNone = `${claim}, with NaN where there is no value`;
      expectSameValues(claimOfNone, fusedRow(together, row), fusedRow(spoilt, row), 0);
    }
  } finally {
    built.dispose();
  }
}

function prepared(
  { modalities, requires }: FusionCase,
  from: SampleProcessors,
  slot: string,
  { count, others }: (typeof rows)[number],
  key: RandomKey,
): Promise<PreparedSample> {
  const beside = modalities.filter((modality) => modality !== slot && (others || requires.all?.includes(modality)));
  const values = Array.from({ length: count }, (_, index) => randomSignal(key.fold(index)));
  const sample = Object.fromEntries(beside.map((modality) => [modality, randomSignal(key.fold(modality))]));
  return prepareSample(from, { ...sample, [slot]: values }, { training: false });
}
