import {
  type Batch,
  type Encoders,
  MissingModalityError,
  type ModalityBatch,
  suggestNames,
  UnknownNameError,
} from '@polymodal/core';

/**
 * What a batch has for each encoder whose modality is in it, in the order of the encoders, whatever order the batch lists them in.
 *
 * @throws MissingModalityError for a row that has no modality
 * @throws UnknownNameError for a modality without an encoder
 */
export function presentModalities(encoders: Encoders, batch: Batch): Record<string, ModalityBatch> {
  checkRows(encoders, batch);
  const present: Record<string, ModalityBatch> = {};
  for (const slot of Object.keys(encoders)) {
    const input = batch.modalities[slot];
    if (input && input.rows.length > 0) present[slot] = input;
  }
  return present;
}

function checkRows(encoders: Encoders, batch: Batch): void {
  const known = Object.keys(encoders);
  const empty = new Set(Array.from({ length: batch.size }, (_, row) => row));
  for (const [modality, { rows }] of Object.entries(batch.modalities)) {
    if (!known.includes(modality)) {
      throw new UnknownNameError({
        where: 'batch',
        expected: 'modalities of the model',
        received: `"${modality}"`,
        hint: suggestNames(modality, known),
      });
    }
    for (const row of rows) empty.delete(row);
  }
  const [row] = empty;
  if (row === undefined) return;
  throw new MissingModalityError({
    where: `row ${row}`,
    expected: `at least one of ${known.join(', ')}`,
    received: 'no modality',
    hint: 'Leave such samples out of the batch.',
  });
}
