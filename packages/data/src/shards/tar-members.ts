import { FileFormatError } from '@polymodal/core';
import type { ByteSource } from '../files/byte-source';
import { readAhead } from '../files/read-ahead';

/** A file in an archive. */
export interface TarMember {
  readonly name: string;
  /** Where its content begins. */
  readonly start: number;
  /** In bytes. */
  readonly length: number;
}

const blockLength = 512;
/** A name, or a header of POSIX. */
const longestName = 2 ** 20;

/**
 * The files of a tar archive, by their headers: large files between them are passed over, so that an archive of any size has its index in
 * a moment. Archives of POSIX (ustar and pax) and GNU are read, with names and sizes of any length; folders, links and devices are none.
 *
 * @throws FileFormatError for what is no archive, one that is cut short, and sparse files
 */
export async function* tarMembers(archive: ByteSource): AsyncGenerator<TarMember> {
  const source = readAhead(archive);
  let common: Extended = {};
  let extended: Extended = {};
  for (let position = 0; position < source.length; ) {
    if (position + blockLength > source.length) throw fault(source, position, 'a whole header', 'the end of the file');
    const header = await source.read(position, position + blockLength);
    if (header.every((byte) => byte === 0)) return;
    requireChecksum(header, source, position);
    const type = String.fromCharCode(header[156] || 0x30);
    const length = extended.size ?? common.size ?? numberOf(header.subarray(124, 136));
    const start = position + blockLength;
    if (!Number.isSafeInteger(length) || start + length > source.length) {
      throw fault(source, position, `${length} bytes of content`, `the end of the file after ${source.length - start}`);
    }
    position = start + Math.ceil(length / blockLength) * blockLength;
    if ('xgLK'.includes(type)) {
      if (length > longestName) throw fault(source, start, `a name of at most ${longestName} bytes`, String(length));
      const content = textOf(await source.read(start, start + length));
      if (type === 'x') extended = { ...extended, ...recordsOf(content) };
      else if (type === 'g') common = { ...common, ...recordsOf(content) };
      else if (type === 'L') extended = { ...extended, path: content.replace(/\0.*$/s, '') };
      continue;
    }
    const name = extended.path ?? common.path ?? nameOf(header);
    const isSparse = type === 'S' || extended.sparse || common.sparse;
    extended = {};
    if (isSparse) throw fault(source, start, 'files without holes', `"${name}", which is sparse`);
    if (type === '0' || type === '7') yield { name, start, length };
  }
}

/** What a header of POSIX or GNU says of the file behind it. */
interface Extended {
  readonly path?: string;
  readonly size?: number;
  readonly sparse?: boolean;
}

/** Records of pax: `<length> <key>=<value>\n`, the length in bytes. */
function recordsOf(content: string): Extended {
  const bytes = Buffer.from(content);
  const found: { path?: string; size?: number; sparse?: boolean } = {};
  for (let position = 0; position < bytes.length; ) {
    const length = Number.parseInt(bytes.subarray(position, position + 20).toString('latin1'), 10);
    if (!(length > 0)) break;
    const record = bytes.subarray(position, position + length - 1).toString();
    const [, key, value] = /^\d+ ([^=]+)=(.*)$/s.exec(record) ?? [];
    if (key === 'path') found.path = value;
    if (key === 'size') found.size = Number(value);
    if (key?.startsWith('GNU.sparse.')) found.sparse = true;
    position += length;
  }
  return found;
}

function nameOf(header: Uint8Array): string {
  const name = textOf(header.subarray(0, 100)).replace(/\0.*$/s, '');
  const isPosix = textOf(header.subarray(257, 263)) === 'ustar\0';
  const prefix = isPosix ? textOf(header.subarray(345, 500)).replace(/\0.*$/s, '') : '';
  return prefix === '' ? name : `${prefix}/${name}`;
}

/** In octal, or with the first bit set in base 256. */
function numberOf(field: Uint8Array): number {
  if ((field[0] & 0x80) === 0) return Number.parseInt(textOf(field).replaceAll('\0', ' ').trim() || '0', 8);
  return field.slice(1).reduce((value, byte) => value * 256 + byte, field[0] & 0x7f);
}

/** The sum of a header's bytes, its own field taken for spaces. */
function requireChecksum(header: Uint8Array, source: ByteSource, position: number): void {
  const sum = header.reduce((total, byte, place) => total + (place >= 148 && place < 156 ? 0x20 : byte), 0);
  if (sum === numberOf(header.subarray(148, 156))) return;
  throw fault(source, position, 'the header of a file in a tar archive', 'bytes with another checksum');
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString();
}

function fault(source: ByteSource, position: number, expected: string, received: string): FileFormatError {
  const hint = 'The archive is damaged or cut short.';
  return new FileFormatError({ where: `${source.path}, byte ${position}`, expected, received, hint });
}
