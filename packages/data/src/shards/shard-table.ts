import { basename, dirname } from 'node:path';
import { FileFormatError, type PolymodalError, SampleError } from '@polymodal/core';
import type { ByteSource } from '../files/byte-source';
import { SourceFile } from '../files/source-file';
import { isHiddenFile } from '../folders/hidden-file';
import { requireColumns } from '../table/require-columns';
import { type RowOrFault, type Table, unreadBytes } from '../table/table';
import { type CellKind, readValue } from '../values/read-value';
import { followLinks } from './follow-links';
import { type TarLink, type TarMember, tarMembers } from './tar-members';
import { unpack } from './unpacked-file';

/** The column of the keys, as WebDataset calls it. */
const keyColumn = '__key__';

/** A file of a sample. */
const longestMember = 2 ** 30;

/**
 * Opens a shard of WebDataset, a tar archive, plain or in gzip: files whose paths agree up to the first dot of their name are a row, what is
 * behind it, in small letters, is the column. `.txt` and `.json` are read, `.cls` is an integer, all else is bytes. A row that lacks a file has an
 * empty cell; its files need not follow one another. Links stand for the files of the archive that they lead to.
 *
 * @throws FileFormatError for a file that is no such archive, and one in which a file occurs twice
 */
export async function openShard(path: string): Promise<Table> {
  const source = /gz$/i.test(path) ? await unpack(path) : await SourceFile.open(path);
  const { keys, members, columns, remarks } = await indexOf(source);
  return {
    name: path,
    columns: [keyColumn, ...columns],
    length: keys.length,
    remarks,
    async read(index, unread): Promise<RowOrFault> {
      const cells: unknown[] = [keys[index]];
      for (const [place, column] of columns.entries()) {
        const member = members[index][place];
        if (member === undefined) continue;
        try {
          cells[place + 1] = await contentOf(member, column, source, unread?.has(place + 1));
        } catch (error) {
          if (!SampleError.isInstance(error)) throw error;
          return error.at(`${path}, "${member.name}"`);
        }
      }
      return cells;
    },
    folder: () => dirname(path),
    id: (index) => `${basename(path)}/${keys[index]}`,
    where: (index) => `${path}, "${keys[index]}"`,
  };
}

interface ShardIndex {
  readonly keys: readonly string[];
  /** Of each row: its files, by column. */
  readonly members: readonly (readonly (TarMember | undefined)[])[];
  readonly columns: readonly string[];
  readonly remarks: readonly string[];
}

async function indexOf(source: ByteSource): Promise<ShardIndex> {
  const rows = new Map<string, (TarMember | undefined)[]>();
  const columns: string[] = [];
  let passedOver = 0;
  const { members, hasEnd } = await tarMembers(source);
  const { files, lost } = followLinks(members);
  for (const member of files) {
    if (isHiddenFile(member.name)) continue;
    const [, key, suffix] = /^((?:.*\/)?[^/.]+)\.([^/]+)$/.exec(member.name.replace(/^\.\//, '')) ?? [];
    if (suffix === undefined) {
      passedOver++;
      continue;
    }
    const column = suffix.toLowerCase();
    if (!columns.includes(column)) columns.push(column);
    requireColumns(columns.length, source.path);
    const row = rows.get(key) ?? [];
    rows.set(key, row);
    const place = columns.indexOf(column);
    if (row[place] !== undefined) throw twice(member.name, source.path);
    row[place] = member;
  }
  const remarks: string[] = [];
  if (!hasEnd)
    remarks.push(`${source.path}: has no empty block at its end, as archives that are cut short between files`);
  if (passedOver > 0) remarks.push(`${source.path}: ${passedOver} files whose names have no dot are passed over`);
  const links = lost.filter(({ name }) => !isHiddenFile(name));
  if (links.length > 0) remarks.push(remarkOn(links, source.path));
  return { keys: [...rows.keys()], members: [...rows.values()], columns, remarks };
}

function remarkOn(links: readonly TarLink[], path: string): string {
  const [{ name, to }] = links;
  return `${path}: ${links.length} links to what is no file of the archive are passed over, such as "${name}" to "${to}"`;
}

async function contentOf(
  { start, length }: TarMember,
  column: string,
  source: ByteSource,
  isUnread = false,
): Promise<unknown> {
  if (length > longestMember) {
    throw new SampleError({ expected: `a file of at most ${longestMember} bytes`, received: String(length) });
  }
  const kind = kinds[column.replace(/^.*\./, '')];
  if (isUnread && !kind && length > 0) return unreadBytes;
  const bytes = await source.read(start, start + length);
  return kind ? readValue(bytes, kind, { root: '', decimal: '.', mayFetch: false }) : bytes;
}

/** What files are read as that are no bytes, by their suffix. */
const kinds: Readonly<Record<string, CellKind | undefined>> = {
  txt: 'text',
  text: 'text',
  transcript: 'text',
  json: 'json',
  cls: 'number',
  cls2: 'number',
};

function twice(name: string, path: string): PolymodalError {
  return new FileFormatError({
    where: path,
    expected: 'each file once, in capitals or not',
    received: `"${name}" again`,
  });
}
