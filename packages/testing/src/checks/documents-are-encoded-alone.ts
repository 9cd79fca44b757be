import { documentRows } from '../cases/document-rows';
import type { EncoderCase } from '../cases/encoder-case';
import { excludedValuesCannotLeak } from './excluded-values-cannot-leak';
import { rowsAreIndependent } from './rows-are-independent';

/** Documents and other values of a slot are encoded in a batch as they are alone, whatever stands in their padding. */
export async function documentsAreEncodedAlone(subject: EncoderCase): Promise<void> {
  const rows = await documentRows(subject.name, subject.processor, subject.samples);
  await rowsAreIndependent({ ...subject, rows });
  await excludedValuesCannotLeak({ ...subject, rows });
}
