import { describeValue } from '../describe-value';
import { asSampleError, SampleError } from '../errors';
import { suggestNames } from '../nearest-names';
import type { Processor } from '../processor';
import { isRecord } from '../require-argument';
import { unknownKeys } from '../unknown-keys';
import { isInterleaving, type LaidOutPart } from './interleaving-processor';

/** A part of a document as it was given, with its value. */
export interface GivenPart {
  readonly slot: string;
  readonly value: unknown;
  /** How error messages call it: `part 2`. */
  readonly where: string;
}

/**
 * Whether the raw value of a slot is a document: its processor takes such, and some part of the list says of which slot it is; or all
 * would if they were not misspelt or empty, so that it is told of the part what is wrong.
 */
export function isDocument(processor: Processor, raw: unknown, slots: readonly string[]): raw is readonly unknown[] {
  return isInterleaving(processor) && (looksLikeDocument(raw, slots) || isMeantAsDocument(raw));
}

function isMeantAsDocument(raw: unknown): boolean {
  const isMeant = (part: unknown) =>
    part === null || part === undefined || (isRecord(part) && Object.keys(part).length < 2);
  return Array.isArray(raw) && raw.length > 0 && raw.every(isMeant);
}

/** Whether a raw value would be a document where one is taken. */
export function looksLikeDocument(raw: unknown, slots: readonly string[]): raw is readonly unknown[] {
  return Array.isArray(raw) && raw.some((part) => isRecord(part) && slots.some((slot) => Object.hasOwn(part, slot)));
}

/**
 * The parts of a document that are there, in their order. One whose value is `undefined` or `null` is absent.
 *
 * @param host  the slot whose value the document is
 * @param where how error messages call the host's value
 * @throws SampleError for what is no part, a slot that there is not, and a document that has nothing of its host's own
 */
export function readDocument(
  document: readonly unknown[],
  host: string,
  slots: readonly string[],
  where: string,
): GivenPart[] {
  const given = Array.from(document, (part, index) => readPart(part, `part ${index}`, host, slots, where));
  return presentParts(given, host, where);
}

/**
 * The same of a document that its host's processor laid out.
 *
 * @throws SampleError for a slot that there is not, and a document that has nothing of its host's own
 */
export function readLaidOut(
  laidOut: readonly LaidOutPart[],
  host: string,
  slots: readonly string[],
  where: string,
): GivenPart[] {
  const given = laidOut.map(({ slot = host, value, where: own }) => {
    if (slots.includes(slot)) return { slot, value, where: own };
    throw new SampleError({
      where: `${where}, ${own}`,
      expected: 'the name of a slot of the model as its key',
      received: JSON.stringify(slot),
      hint: suggestNames(slot, slots),
    });
  });
  return presentParts(given, host, where);
}

function presentParts(given: readonly GivenPart[], host: string, where: string): GivenPart[] {
  const parts = given.filter(({ value }) => value !== undefined && value !== null);
  if (parts.length === 0 || parts.some(({ slot }) => slot === host)) return parts;
  throw new SampleError({
    where,
    expected: `a document with a part of "${host}" itself`,
    received: `one of ${[...new Set(parts.map(({ slot }) => slot))].join(', ')} alone`,
    hint: `What belongs to no ${host} stands beside it in the sample, under the name of its slot.`,
  });
}

function readPart(part: unknown, own: string, host: string, slots: readonly string[], where: string): GivenPart {
  const place = `${where}, ${own}`;
  if (!isRecord(part)) {
    throw new SampleError({
      where: place,
      expected: 'an object with one key, the name of a slot',
      received: describeValue(part),
      hint: `Write { ${host}: … } around what is of "${host}" itself.`,
    });
  }
  const unknown = unknownKeys(part, slots);
  if (unknown)
    throw new SampleError({ where: place, expected: 'the name of a slot of the model as its key', ...unknown });
  const [slot, ...others] = Object.keys(part);
  if (slot === undefined || others.length > 0) {
    throw new SampleError({
      where: place,
      expected: 'an object with one key, the name of a slot',
      received: slot === undefined ? 'one without a key' : `one with ${[slot, ...others].join(', ')}`,
      hint: 'Each value is a part of its own, so that their order is known.',
    });
  }
  try {
    return { slot, value: part[slot], where: own };
  } catch (error) {
    throw asSampleError(error, place, 'a part that can be read');
  }
}
