import { FileFormatError } from './errors';

/** A named tensor of a safetensors file. */
export interface NamedTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/**
 * Writes float32 tensors in the safetensors format (huggingface/safetensors): an 8-byte little-endian header length,
 * a JSON header and the data, tensors in the order of their names.
 */
export function encodeSafetensors(
  tensors: ReadonlyMap<string, NamedTensor>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const header: Record<string, unknown> = { __metadata__: metadata };
  const names = [...tensors.keys()].sort();
  let offset = 0;
  for (const name of names) {
    const { shape, data } = tensors.get(name)!;
    header[name] = { dtype: 'F32', shape, data_offsets: [offset, offset + data.byteLength] };
    offset += data.byteLength;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const padded = Math.ceil(json.length / 8) * 8;
  const file = new Uint8Array(8 + padded + offset);
  new DataView(file.buffer).setBigUint64(0, BigInt(padded), true);
  file.fill(0x20, 8, 8 + padded); // the format pads its header with spaces
  file.set(json, 8);
  let position = 8 + padded;
  for (const name of names) {
    const { data } = tensors.get(name)!;
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), position);
    position += data.byteLength;
  }
  return file;
}

/** What {@link decodeSafetensors} reads. */
export interface SafetensorsContent {
  readonly tensors: ReadonlyMap<string, NamedTensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Reads a safetensors file of float32 tensors.
 *
 * @param where how error messages call the file
 * @throws FileFormatError for a file that is truncated, malformed or of another type
 */
export function decodeSafetensors(file: Uint8Array, where: string): SafetensorsContent {
  const header = readHeader(file, where);
  const body = file.subarray(header.end);
  const tensors = new Map<string, NamedTensor>();
  const ranges: [number, number, string][] = [];
  for (const [name, entry] of Object.entries(header.entries)) {
    const { shape, begin, end } = readEntry(entry, body.length, `${where}, tensor "${name}"`);
    ranges.push([begin, end, name]);
    const bytes = new Uint8Array(body.subarray(begin, end)); // a copy: a Buffer's own slice shares its pool
    tensors.set(name, { shape, data: new Float32Array(bytes.buffer) });
  }
  checkCoverage(ranges, body.length, where);
  return { tensors, metadata: header.metadata };
}

function readHeader(file: Uint8Array, where: string) {
  const available = file.length - 8;
  const length = available < 0 ? -1 : Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));
  if (length < 2 || length > available) {
    throw new FileFormatError({
      where,
      expected: 'a safetensors file with its whole header',
      received: available < 0 ? `${file.length} bytes` : `a header of ${length} bytes in a file of ${file.length}`,
      hint: 'The file is cut short or of another format; fetch or save it again.',
    });
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(file.subarray(8, 8 + length)));
  } catch (cause) {
    throw new FileFormatError({ where, expected: 'a JSON header', received: 'bytes that are none', cause });
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw new FileFormatError({ where, expected: 'a JSON object as header', received: typeof parsed });
  }
  const { __metadata__: metadata = {}, ...entries } = parsed as Record<string, unknown>;
  if (!isTextRecord(metadata)) {
    throw new FileFormatError({ where, expected: 'metadata of texts by name', received: JSON.stringify(metadata) });
  }
  return { entries, metadata, end: 8 + length };
}

function isTextRecord(value: unknown): value is Record<string, string> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.values(value).every((text) => typeof text === 'string');
}

function readEntry(entry: unknown, bodyLength: number, where: string) {
  const { dtype, shape, data_offsets: offsets } = (entry ?? {}) as Record<string, unknown>;
  if (dtype !== 'F32') throw new FileFormatError({ where, expected: 'dtype F32', received: String(dtype) });
  if (!isIndexArray(shape) || !isIndexArray(offsets) || offsets.length !== 2) {
    throw new FileFormatError({ where, expected: 'a shape and two offsets', received: JSON.stringify(entry) });
  }
  const [begin, end] = offsets;
  const bytes = 4 * shape.reduce((product, length) => product * length, 1);
  if (end - begin !== bytes || end > bodyLength) {
    throw new FileFormatError({
      where,
      expected: `${bytes} bytes within the ${bodyLength} of the file`,
      received: `offsets ${begin} to ${end}`,
    });
  }
  return { shape, begin, end };
}

function isIndexArray(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0);
}

/** The format allows neither overlaps nor holes. */
function checkCoverage(ranges: [number, number, string][], bodyLength: number, where: string): void {
  ranges.sort(([a, aEnd], [b, bEnd]) => a - b || aEnd - bEnd);
  let position = 0;
  for (const [begin, end, name] of [...ranges, [bodyLength, bodyLength, 'the end'] as const]) {
    if (begin !== position) {
      throw new FileFormatError({
        where,
        expected: 'tensors that follow one another without overlap or hole',
        received: `${name} at ${begin}, where ${position} is due`,
      });
    }
    position = end;
  }
}
