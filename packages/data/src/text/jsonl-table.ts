import { FileFormatError, PolymodalError, SampleError, type StrictJson } from '@polymodal/core';
import { SourceFile } from '../files/source-file';
import { requireColumns } from '../table/require-columns';
import type { RowOrFault, Table } from '../table/table';
import { parseJson, plainJson, requireExactNumbers } from '../values/parse-json';
import { TextCodec, textStart } from './decode-text';
import { splitLines } from './record-splitter';
import { type TextBlock, TextBlocks } from './text-blocks';
import { lineOf, linesOf, TextTable, type TextTableParts } from './text-table';

/**
 * Opens a file with an object in JSON on each line. Its columns are the names that occur in any of them.
 *
 * @throws FileFormatError for a file that is none, as a whole; a line that is wrong is a fault of its row
 */
export async function openJsonl(path: string): Promise<Table> {
  const file = await SourceFile.open(path);
  const from = textStart(await file.read(0, Math.min(file.length, 1000)), path);
  const columns = new Map<string, number>();
  const lines: number[] = [];
  const parse = (block: TextBlock) => parseObjects(block, path, columns);
  const blocks = await TextBlocks.index(file, splitLines, from, (block) => {
    const rows = parse(block);
    if (lines.length === 0) requireJsonl(rows, block, path);
    for (const line of linesOf(block)) lines.push(line);
    requireColumns(columns.size, path);
  });
  return new TextTable({ columns: [...columns.keys()], blocks, skipped: 0, lines, parse });
}

const utf8 = new TextCodec('utf-8');

/**
 * @param columns the place of each column in a row; new ones are added
 * @param place   how error messages call that of a record
 */
export function parseObjects(
  block: TextBlock,
  path: string,
  columns: Map<string, number>,
  place: NonNullable<TextTableParts['place']> = lineOf,
): RowOrFault[] {
  const lines = linesOf(block);
  return block.spans.map(({ start, end }, record) => {
    const where = place(path, lines[record], block.firstRecord + record);
    try {
      return cellsOf(block.bytes.subarray(start, end), where, columns);
    } catch (error) {
      if (PolymodalError.isInstance(error)) return error;
      throw error;
    }
  });
}

function cellsOf(bytes: Uint8Array, where: string, columns: Map<string, number>): RowOrFault {
  const text = utf8.decode(bytes);
  if (text === undefined) return notUtf8(where);
  const value = parseJson(text, where);
  if (!(value instanceof Map)) {
    return new SampleError({ where, expected: 'an object, with a value for each column', received: kindOf(value) });
  }
  const cells: unknown[] = [];
  for (const [name, own] of value as ReadonlyMap<string, StrictJson>) {
    if (!columns.has(name)) columns.set(name, columns.size);
    cells[columns.get(name)!] = plainJson(own);
  }
  requireExactNumbers(value, text, where); // its names are columns all the same
  return cells;
}

function kindOf(value: StrictJson): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'a list' : `a ${typeof value}`;
}

function notUtf8(where: string): SampleError {
  return new SampleError({
    where,
    expected: 'a text in UTF-8',
    received: 'bytes that are none',
    hint: 'JSON is UTF-8.',
  });
}

/** A file that is one list, or one object over several lines, is wrong as a whole. */
function requireJsonl(rows: readonly RowOrFault[], { bytes, spans }: TextBlock, path: string): void {
  if (spans.length === 0 || !PolymodalError.isInstance(rows[0])) return;
  const start = utf8.decode(bytes.subarray(spans[0].start, Math.min(spans[0].end, spans[0].start + 20)))?.trimStart();
  if (!/^\[|^\{\s*$/.test(start ?? '')) return;
  throw new FileFormatError({
    where: path,
    expected: 'an object in JSON on each line (JSONL)',
    received: start?.startsWith('[') ? 'a list' : 'an object over several lines',
    hint: 'A file that is one list is called .json.',
  });
}
