import { asSampleError, PolymodalError, SampleError } from '../errors';
import type { Processor } from '../processor';
import type { Sample } from '../sample';
import { SeveralProcessor } from '../several/several-processor';
import type { Divided } from './dividing-processor';
import { type DocumentPart, isInterleaving } from './interleaving-processor';
import { type GivenPart, isDocument, readDocument, readLaidOut } from './read-document';

/** What a sample has of each slot: by itself, or in a document of another one. */
export interface SampleValues {
  /** Values that stand in the sample by themselves, documents left out. */
  readonly raws: Readonly<Record<string, unknown>>;
  /** In the order of their hosts. */
  readonly documents: readonly Document[];
  /** The values that documents have of other slots, in their order. */
  readonly placed: Readonly<Record<string, readonly PlacedValue[]>>;
}

/** A document, read. */
export interface Document {
  readonly host: string;
  /** As it was given. */
  readonly raw: unknown;
  readonly parts: readonly DocumentPart[];
  /** What stands at its places, in their order. */
  readonly values: readonly PlacedValue[];
}

/** A value of another slot in a document. */
export interface PlacedValue {
  readonly slot: string;
  readonly value: unknown;
  /** How error messages call it: `sample 3, text, part 2`. */
  readonly where: string;
  /** What its processor divided it into, once `divideValues` has had it do so. */
  readonly divided?: Divided;
}

/**
 * @param where how error messages call the sample
 * @throws SampleError for a document that cannot be read, and a slot that has more values by it than it takes
 */
export function sampleValues(
  sample: Sample,
  processors: Readonly<Record<string, Processor>>,
  where: string,
): SampleValues {
  const slots = Object.keys(processors);
  const raws: Record<string, unknown> = {};
  const documents: Document[] = [];
  const placed: Record<string, PlacedValue[]> = {};
  for (const slot of slots) {
    const raw = sample[slot];
    const given = givenParts(processors[slot], raw, slot, slots, `${where}, ${slot}`);
    if (given === undefined) {
      raws[slot] = raw;
      continue;
    }
    const document = documentOf(raw, given, slot, `${where}, ${slot}`);
    if (document.parts.length > 0) documents.push(document);
    for (const value of document.values) {
      placed[value.slot] ??= [];
      placed[value.slot].push(value);
    }
  }
  for (const [slot, values] of Object.entries(placed)) {
    requireNoOther(slot, raws[slot], documents, values[0], where);
    if (values.length > 1 && !(processors[slot] instanceof SeveralProcessor)) throw tooMany(values[1], slot);
  }
  return { raws, documents, placed };
}

/**
 * The raw value that a sample has of each slot, wherever it stands: of one that documents have values of, a list where it takes several;
 * of their host, the document. For whoever learns from raw values.
 *
 * @param where how error messages call the sample
 * @throws SampleError for a document that cannot be read
 */
export function rawValues(
  sample: Sample,
  processors: Readonly<Record<string, Processor>>,
  where = 'sample',
): Readonly<Record<string, unknown>> {
  const { raws, documents, placed } = sampleValues(sample, processors, where);
  const ofDocuments = Object.entries(placed).map(([slot, values]) => {
    const list = values.map(({ value }) => value);
    return [slot, processors[slot] instanceof SeveralProcessor ? list : list[0]] as const;
  });
  return {
    ...raws,
    ...Object.fromEntries(ofDocuments),
    ...Object.fromEntries(documents.map(({ host, raw }) => [host, raw])),
  };
}

/** The parts of a raw value that is a document, or is laid out as one; undefined where it is neither. */
function givenParts(
  processor: Processor,
  raw: unknown,
  slot: string,
  slots: readonly string[],
  where: string,
): GivenPart[] | undefined {
  if (isDocument(processor, raw, slots)) return readDocument(raw, slot, slots, where);
  if (!isInterleaving(processor) || !processor.layOut) return undefined;
  try {
    const laidOut = processor.layOut(raw, slot);
    return laidOut && readLaidOut(laidOut, slot, slots, where);
  } catch (error) {
    if (!PolymodalError.isInstance(error)) throw asSampleError(error, where, 'a value that its processor can read');
    throw error.where?.startsWith(where) ? error : error.at([where, error.where].filter(Boolean).join(', '));
  }
}

function documentOf(raw: unknown, given: readonly GivenPart[], host: string, where: string): Document {
  return {
    host,
    raw,
    parts: given.map(({ slot, value, where: part }) =>
      slot === host ? { kind: 'own', raw: value, where: part } : { kind: 'place', slot, where: part },
    ),
    values: given
      .filter(({ slot }) => slot !== host)
      .map(({ slot, value, where: part }) => ({ slot, value, where: `${where}, ${part}` })),
  };
}

/** A value beside the document would have no place in its order. */
function requireNoOther(
  slot: string,
  raw: unknown,
  documents: readonly Document[],
  { where: part }: PlacedValue,
  where: string,
): void {
  const isHost = documents.some(({ host }) => host === slot);
  if (!isHost && (raw === undefined || raw === null)) return;
  throw new SampleError({
    where: `${where}, ${slot}`,
    expected: `no value of its own, since a document has one (${part})`,
    received: isHost ? 'a document' : 'one',
    hint: isHost ? 'Documents do not stand in one another.' : 'Make it a part of the document.',
  });
}

function tooMany({ where }: PlacedValue, slot: string): SampleError {
  return new SampleError({
    where,
    expected: `at most one value of "${slot}", which takes no more in a sample`,
    received: 'a second',
    hint: 'Where samples may have several values, the config of the slot says `several: true`.',
  });
}
