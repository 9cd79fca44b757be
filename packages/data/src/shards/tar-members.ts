import { FileFormatError } from '@polymodal/core';
import type { ByteSource } from '../files/byte-source';
import { readAhead } from '../files/read-ahead';
import { type Extended, nameOf, numberOf, recordsOf, textIn } from './tar-header';

/** A file in an archive. */
export interface TarMember {
  readonly name: string;
  /** Where its content begins. */
  readonly start: number;
  /** In bytes. */
  readonly length: number;
}

/** What stands in an archive for a file: GNU tar writes one for each further name of a file on the disk. */
export interface TarLink {
  readonly name: string;
  /** The name of the file in the archive, or a path from the folder of the link. */
  readonly to: string;
  readonly isSymbolic: boolean;
}

/** What is in an archive. */
export interface TarMembers {
  readonly members: readonly (TarMember | TarLink)[];
  /** Whether it has the empty block by which an archive ends: one without was cut short, or written by who leaves it out. */
  readonly hasEnd: boolean;
}

const blockLength = 512;
/** A name, or a header of POSIX. */
const longestName = 2 ** 20;

/**
 * The files and links of a tar archive, by their headers: large files between them are passed over, so that an archive of any size has its
 * index in a moment. Archives of POSIX (ustar and pax) and GNU are read, with names and sizes of any length; folders and devices are none.
 *
 * @throws FileFormatError for what is no archive, one that is cut short, and sparse files
 */
export async function tarMembers(archive: ByteSource): Promise<TarMembers> {
  const source = readAhead(archive);
  const members: (TarMember | TarLink)[] = [];
  let common: Extended = {};
  let extended: Extended = {};
  for (let position = 0; position < source.length; ) {
    if (position + blockLength > source.length) throw fault(source, position, 'a whole header', 'the end of the file');
    const header = await source.read(position, position + blockLength);
    if (header.every((byte) => byte === 0)) return { members, hasEnd: true };
    requireChecksum(header, source, position);
    const type = String.fromCharCode(header[156] || 0x30);
    const length = extended.size ?? common.size ?? numberOf(header.subarray(124, 136));
    const start = position + blockLength;
    if (!Number.isSafeInteger(length)) throw noSize(header, source, position);
    if (start + length > source.length) {
      throw fault(source, position, `${length} bytes of content`, `the end of the file after ${source.length - start}`);
    }
    position = start + Math.ceil(length / blockLength) * blockLength;
    if ('xgLK'.includes(type)) {
      if (length > longestName) throw fault(source, start, `a name of at most ${longestName} bytes`, String(length));
      const content = await source.read(start, start + length);
      if (type === 'x') extended = { ...extended, ...recordsOf(content) };
      else if (type === 'g') common = { ...common, ...recordsOf(content) };
      else if (type === 'L') extended = { ...extended, path: textIn(content) };
      else extended = { ...extended, linkpath: textIn(content) };
      continue;
    }
    const name = extended.path ?? common.path ?? nameOf(header);
    const to = extended.linkpath ?? common.linkpath ?? textIn(header.subarray(157, 257));
    const isSparse = type === 'S' || extended.sparse || common.sparse;
    extended = {};
    if (isSparse) throw sparse(name, source, start);
    if (type === '0' || type === '7') members.push({ name, start, length });
    if (type === '1' || type === '2') members.push({ name, to, isSymbolic: type === '2' });
  }
  return { members, hasEnd: false };
}

/** The sum of a header's bytes, its own field taken for spaces. */
function requireChecksum(header: Uint8Array, source: ByteSource, position: number): void {
  const sum = header.reduce((total, byte, place) => total + (place >= 148 && place < 156 ? 0x20 : byte), 0);
  if (sum === numberOf(header.subarray(148, 156))) return;
  throw fault(source, position, 'the header of a file in a tar archive', 'bytes with another checksum');
}

function noSize(header: Uint8Array, source: ByteSource, position: number): FileFormatError {
  const received = JSON.stringify(textIn(header.subarray(124, 136)));
  return fault(source, position, `the size of "${nameOf(header)}" in octal digits`, received);
}

function sparse(name: string, source: ByteSource, position: number): FileFormatError {
  return new FileFormatError({
    where: `${source.path}, byte ${position}`,
    expected: 'files that are stored whole',
    received: `"${name}", which is stored without its holes (sparse)`,
    hint: 'Sparse files are not taken: pack them again without --sparse.',
  });
}

function fault(source: ByteSource, position: number, expected: string, received: string): FileFormatError {
  const hint = 'The archive is damaged or cut short.';
  return new FileFormatError({ where: `${source.path}, byte ${position}`, expected, received, hint });
}
