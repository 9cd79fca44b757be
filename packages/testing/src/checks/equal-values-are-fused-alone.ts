import { collateSamples, type FusionDefinition, prepareSample, RandomKey, sharedOf } from '@polymodal/core';
import type { FusionCase } from '../cases/fusion-case';
import { fusionOver } from '../cases/fusion-of-several';
import { expectSameValues } from '../compare/expect-same-values';
import { fusedRow } from '../compare/fused-row';
import { randomSignal } from '../doubles/random-signal';
import { referenceEncoder } from '../doubles/reference-encoder';

const shared = sharedOf(referenceEncoder('reference of equal values', 'signal'));

/** Which value each row has under the slot. */
const valueOfRow = [0, 1, undefined, 0, 0];

/** Rows that have an equal value, in a slot that encodes it once, are fused as each is alone. */
export async function equalValuesAreFusedAlone(subject: FusionCase, definition: FusionDefinition): Promise<void> {
  const { name, tolerance, modalities, requires } = subject;
  const built = fusionOver(shared, subject, definition);
  const { slot } = built;
  const key = RandomKey.from(0).fold('equal values');
  const values = [randomSignal(key.fold('one')), randomSignal(key.fold('other'))];
  try {
    const samples = await Promise.all(
      valueOfRow.map((number, row) => {
        const isRequired = requires.all?.includes(slot);
        const value = number === undefined ? (isRequired ? values[1] : undefined) : values[number];
        const others = modalities.filter((modality) => modality !== slot);
        const sample = Object.fromEntries(
          others.map((modality) => [modality, randomSignal(key.fold(row).fold(modality))]),
        );
        return prepareSample(built, { ...sample, ...(value && { [slot]: value }) }, { training: false });
      }),
    );
    const together = await built.fuse(collateSamples(built, samples));
    for (const [row, sample] of samples.entries()) {
      const alone = fusedRow(await built.fuse(collateSamples(built, [sample])), 0);
      expectSameValues(
        `${name}, row ${row} of those that share values of ${slot}`,
        alone,
        fusedRow(together, row),
        tolerance,
      );
    }
  } finally {
    built.dispose();
  }
}
