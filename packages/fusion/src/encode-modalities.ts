import {
  type Batch,
  type Context,
  type EncodedTokens,
  type Encoder,
  type Encoders,
  MissingModalityError,
  type ModalityBatch,
  suggestNames,
  UnknownNameError,
} from '@polymodal/core';

/**
 * Runs the encoder of each modality that a row of the batch has, in the order of the encoders, whatever order the
 * batch lists them in.
 *
 * @throws MissingModalityError for a row that has none
 * @throws UnknownNameError for a modality without an encoder
 */
export function encodeModalities(
  encoders: Encoders,
  batch: Batch,
  context: Context,
): Readonly<Record<string, EncodedTokens>> {
  return eachModality(encoders, batch, (encoder, input) => encoder.encode(input, context));
}

/** {@link encodeModalities}, where an encoder is only begun with, or run in another way. */
export function eachModality<T>(
  encoders: Encoders,
  batch: Batch,
  run: (encoder: Encoder, input: ModalityBatch, modality: string) => T,
): Record<string, T> {
  checkRows(encoders, batch);
  const results: Record<string, T> = {};
  for (const [modality, encoder] of Object.entries(encoders)) {
    const present = batch.modalities[modality];
    if (present && present.rows.length > 0) results[modality] = run(encoder, present, modality);
  }
  return results;
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
