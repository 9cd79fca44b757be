import { describeValue } from '../describe-value';
import { FileFormatError } from '../errors';
import { isSafetensorsDtype, type SafetensorsDtype, safetensorsByteLength } from './dtype';
import { parseStrictJson, type StrictJson } from './strict-json';

/** A safetensors file begins with the length of its header in this many bytes, little-endian. */
export const headerPrefixLength = 8;

/** The format's own limit (safetensors, `MAX_HEADER_SIZE`). */
export const longestHeader = 100_000_000;

/** What a header says of one tensor. */
export interface SafetensorsEntry {
  readonly dtype: SafetensorsDtype;
  readonly shape: readonly number[];
  /** Where its bytes are, counted from the end of the header. */
  readonly begin: number;
  readonly end: number;
}

/** What a safetensors file says of itself before the data. */
export interface SafetensorsHeader {
  /** Tensors by name, in the order of the header. */
  readonly entries: ReadonlyMap<string, SafetensorsEntry>;
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * How many bytes of header follow the first eight of a file.
 *
 * @param start the beginning of the file, at least eight bytes of it where it has as many
 * @param where how error messages call the file
 * @throws FileFormatError if the file has no room for such a header, or the format allows none of that length
 */
export function safetensorsHeaderLength(start: Uint8Array, fileLength: number, where: string): number {
  const tooShort = Math.min(start.length, fileLength) < headerPrefixLength;
  const length = tooShort ? -1 : Number(new DataView(start.buffer, start.byteOffset).getBigUint64(0, true));
  if (length < 2 || length > longestHeader || length > fileLength - headerPrefixLength) {
    throw new FileFormatError({
      where,
      expected: 'a safetensors file with its whole header',
      received: tooShort ? `${fileLength} bytes` : `a header of ${length} bytes in a file of ${fileLength}`,
      hint: 'The file is cut short or of another format; fetch or save it again.',
    });
  }
  return length;
}

/**
 * Parses a header and holds it against the length of the data: every tensor has a known type and as many bytes as its
 * shape needs, and the tensors follow one another without overlap, hole or rest.
 *
 * @param header the bytes between the first eight and the data
 * @param dataLength how many bytes the file has after its header
 * @param where how error messages call the file
 * @throws FileFormatError
 */
export function parseSafetensorsHeader(header: Uint8Array, dataLength: number, where: string): SafetensorsHeader {
  const content = parseStrictJson(decodeText(header, where), { where, deepest: 3, integersOnly: true });
  if (!(content instanceof Map)) {
    throw new FileFormatError({ where, expected: 'a JSON object as header', received: describeValue(content) });
  }
  const entries = new Map<string, SafetensorsEntry>();
  for (const [name, value] of content as ReadonlyMap<string, StrictJson>) {
    if (name !== '__metadata__')
      entries.set(name, readEntry(value, dataLength, `${where}, tensor "${shortened(name)}"`));
  }
  checkCoverage(entries, dataLength, where);
  return { entries, metadata: readMetadata(content.get('__metadata__'), where) };
}

function decodeText(header: Uint8Array, where: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(header);
  } catch (cause) {
    throw new FileFormatError({ where, expected: 'a JSON header', received: 'bytes that are no UTF-8', cause });
  }
}

function readMetadata(value: StrictJson | undefined, where: string): Readonly<Record<string, string>> {
  if (value === undefined) return {};
  if (!(value instanceof Map) || ![...value.values()].every((text) => typeof text === 'string')) {
    throw new FileFormatError({ where, expected: 'metadata of texts by name', received: describeValue(value) });
  }
  return Object.fromEntries(value as ReadonlyMap<string, string>);
}

function readEntry(value: StrictJson, dataLength: number, where: string): SafetensorsEntry {
  const fields = value instanceof Map ? (value as ReadonlyMap<string, StrictJson>) : new Map<string, StrictJson>();
  const dtype = fields.get('dtype');
  const shape = fields.get('shape');
  const offsets = fields.get('data_offsets');
  if (!isSafetensorsDtype(dtype)) {
    throw new FileFormatError({ where, expected: 'a dtype of safetensors', received: describeValue(dtype) });
  }
  if (!isIntegerList(shape) || !isIntegerList(offsets) || offsets.length !== 2) {
    const received = `${shortened(JSON.stringify(shape))} and ${shortened(JSON.stringify(offsets))}`;
    throw new FileFormatError({ where, expected: 'a shape and two offsets', received });
  }
  const [begin, end] = offsets;
  const bytes = safetensorsByteLength(dtype, shape);
  if (end - begin !== bytes || end > dataLength) {
    throw new FileFormatError({
      where,
      expected: `${bytes ?? 'whole'} bytes within the ${dataLength} of the file, for ${dtype} [${shortened(shape.join())}]`,
      received: `offsets ${begin} to ${end}`,
    });
  }
  return { dtype, shape, begin, end };
}

function isIntegerList(value: StrictJson | undefined): value is number[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'number');
}

/** The format allows neither overlaps nor holes. */
function checkCoverage(entries: ReadonlyMap<string, SafetensorsEntry>, dataLength: number, where: string): void {
  const inOrder = [...entries].sort(([, a], [, b]) => a.begin - b.begin || a.end - b.end);
  let position = 0;
  for (const [name, { begin, end }] of [...inOrder, ['the end', { begin: dataLength, end: dataLength }] as const]) {
    if (begin !== position) {
      throw new FileFormatError({
        where,
        expected: 'tensors that follow one another without overlap or hole',
        received: `${shortened(name)} at ${begin}, where ${position} is due`,
      });
    }
    position = end;
  }
}

/** What a stranger wrote, at a length that an error message can bear. */
function shortened(text = 'nothing'): string {
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
