import type { ProcessContext, Processor } from '../processor';
import { SeveralProcessor } from '../several/several-processor';
import type { Divided } from './dividing-processor';
import type { Document, PlacedValue } from './sample-values';

/**
 * Documents whose places say how the values that stand there are divided, by the processors that divide: hosts write that, so these
 * values are read before them.
 *
 * @param contextOf by slot
 * @throws SampleError for a value that cannot be read, or more of them than a slot takes
 */
export async function divideValues(
  documents: readonly Document[],
  processors: Readonly<Record<string, Processor>>,
  contextOf: (slot: string) => ProcessContext,
): Promise<readonly Document[]> {
  const divided = new Map<PlacedValue, Divided>();
  for (const [slot, processor] of Object.entries(processors)) {
    if (!(processor instanceof SeveralProcessor && processor.divides)) continue;
    const values = documents.flatMap((document) => document.values.filter((value) => value.slot === slot));
    if (values.length === 0) continue;
    const raws = values.map(({ value }) => value);
    const own = await processor.divideAll(raws, contextOf(slot), (index) => values[index].where);
    own.forEach((each, index) => divided.set(values[index], each));
  }
  return divided.size === 0 ? documents : documents.map((document) => withPieces(document, divided));
}

function withPieces(document: Document, divided: ReadonlyMap<PlacedValue, Divided>): Document {
  const values = document.values.map((value) => {
    const own = divided.get(value);
    return own ? { ...value, divided: own } : value;
  });
  let place = 0;
  const parts = document.parts.map((part) => {
    if (part.kind === 'own') return part;
    const own = values[place++].divided;
    return own ? { ...part, pieces: { count: own.values.length, grid: own.grid } } : part;
  });
  return { ...document, parts, values };
}
