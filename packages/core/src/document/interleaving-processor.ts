import type { Features } from '../features';
import type { ProcessContext, Processor } from '../processor';
import type { Pieces } from './dividing-processor';

/**
 * A processor whose slot takes documents: parts of its own with the values of other slots between them, as in a text with pictures,
 * `{ text: [{ text: 'What is left of' }, { image: 'a.png' }, { text: '?' }] }`. A processor without {@link interleave} refuses them.
 *
 * It never sees the values of the other slots, only their places, and puts one element of its sequence at each (as many as there are
 * pieces, where a value was divided): a placeholder that a fusion replaces by what the value's encoder made of it, or by as many tokens
 * as that has. Which value that is, is said here, when
 * the sample is prepared, so that it cannot disagree later.
 *
 * The features of a document get two more, of {@link placeFeatures}, which `collate` has to pad with the others: see
 * {@link collatePlaces}. Those of a raw value that is no document have none, and cost nothing.
 */
export interface InterleavingProcessor<Raw = unknown, Row extends Features = Features, F extends Features = Features>
  extends Processor<Raw, Row, F> {
  /**
   * The features of a document, without a batch axis.
   *
   * @param parts at least one of its own among them
   * @throws SampleError, whose place begins with the `where` of a part, for one that cannot be read; and for a document that is too
   *   long, unless it was asked to cut such
   */
  interleave(
    parts: readonly DocumentPart<Raw>[],
    context: ProcessContext,
  ): Interleaved<Row> | Promise<Interleaved<Row>>;

  /**
   * The features of several samples that share a row, one behind the other; those of `placeFeatures`, and which sample an element is
   * of, are seen to by core: see `packSamples`. All features have the elements as their first axis. A processor without this cannot
   * share a row.
   */
  pack?(rows: readonly Row[]): Row;

  /**
   * A raw value that is no list of parts, and is read as one: a conversation, as its template writes it. Undefined for any other, which is
   * taken for what it is.
   *
   * @param host the slot that it is a value of
   * @throws SampleError, whose place begins with the part of the value that is wrong
   */
  layOut?(raw: unknown, host: string): readonly LaidOutPart[] | undefined;
}

/** A part of a document that an {@link InterleavingProcessor} made of a raw value. */
export interface LaidOutPart {
  /** Whose value it is; the host's own where none is named. */
  readonly slot?: string;
  readonly value: unknown;
  /** How error messages call it: `turn 2`. */
  readonly where: string;
}

/** A part of a document, as the processor of its host is given it. What is absent has been left out. */
export type DocumentPart<Raw = unknown> = OwnPart<Raw> | DocumentPlace;

/** A part of the host's own. */
export interface OwnPart<Raw = unknown> {
  readonly kind: 'own';
  readonly raw: Raw;
  /** How error messages call it: `part 2`. */
  readonly where: string;
}

/** The place of a value of another slot. */
export interface DocumentPlace {
  readonly kind: 'place';
  readonly slot: string;
  /** How error messages call it: `part 2`. */
  readonly where: string;
  /** Of a value that its processor divides: an element stands there for each piece, in their order. */
  readonly pieces?: Pieces;
}

/** What an {@link InterleavingProcessor} makes of a document. */
export interface Interleaved<Row extends Features = Features> {
  readonly features: Row;
  /**
   * (N) for each element of the sequence, which of the document's places stands there, counted from 0; −1 for one of the host's own.
   * Each stands at one element, or at one for each of its pieces. One that stands nowhere was cut off, and its value goes with it.
   */
  readonly places: Int32Array;
}

/** Whether a slot with this processor takes documents. */
export function isInterleaving(processor: Processor): processor is InterleavingProcessor {
  return typeof (processor as Partial<InterleavingProcessor>).interleave === 'function';
}
