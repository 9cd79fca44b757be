import { type Features, inferenceContext, RandomKey } from '@polymodal/core';
import type { EncoderCase } from '../cases/encoder-case';
import { expectSameValues } from '../compare/expect-same-values';
import { readTensors } from '../compare/read-tensors';
import { rowValues } from '../compare/row-values';

/** A row in a batch gives what it gives alone, whatever stands beside it and in whichever order, up to rounding. */
export async function rowsAreIndependent(subject: EncoderCase): Promise<void> {
  const built = subject.build();
  const encode = (rows: readonly Features[]) =>
    readTensors(() => {
      const { tokens, mask, pooled } = built.encode(subject.processor.collate(rows), inferenceContext());
      return { tokens, mask, pooled };
    });
  try {
    const order = RandomKey.from(0).fold('rows are independent').shuffle(subject.rows.length);
    const batch = await encode(subject.rows);
    const shuffled = await encode([...order].map((row) => subject.rows[row]));
    for (const [row, features] of subject.rows.entries()) {
      const alone = rowValues(await encode([features]), 0);
      const claim = `${subject.name}, row ${row} of a batch of ${subject.rows.length}`;
      expectSameValues(`${claim} against the row alone`, alone, rowValues(batch, row), subject.tolerance);
      const inShuffled = rowValues(shuffled, order.indexOf(row));
      expectSameValues(`${claim} in another order against the row alone`, alone, inShuffled, subject.tolerance);
    }
  } finally {
    built.dispose();
  }
}
