import { FileFormatError } from '@polymodal/core';
import { cocoTable } from '../coco/coco-table';
import { SourceFile } from '../files/source-file';
import { requireColumns } from '../table/require-columns';
import type { Table } from '../table/table';
import { textStart } from './decode-text';
import { parseObjects } from './jsonl-table';
import { splitList } from './split-list';
import { type TextBlock, TextBlocks } from './text-blocks';
import { linesOf, TextTable } from './text-table';

/**
 * Opens a file that is one list of objects in JSON, or the annotations of COCO. Of a list its columns are the names that occur in any of them. No more of it is in memory than a block.
 *
 * @throws FileFormatError for a file that is none, as a whole; an object that is wrong is a fault of its row
 */
export async function openJson(path: string): Promise<Table> {
  const file = await SourceFile.open(path);
  const { opening, start: from } = await beginning(file);
  if (opening === '{') return cocoTable(file);
  await requireList(file, opening);
  const columns = new Map<string, number>();
  const lines: number[] = [];
  const parse = (block: TextBlock) => parseObjects(block, path, columns, elementOf);
  const blocks = await TextBlocks.index(file, splitList, from, (block) => {
    parse(block);
    for (const line of linesOf(block)) lines.push(line);
  });
  requireColumns(columns.size, path);
  return new TextTable({ columns: [...columns.keys()], blocks, skipped: 0, lines, place: elementOf, parse });
}

/** Such files are often a single line. */
function elementOf(path: string, line: number, record: number): string {
  return `${path}, line ${line}, row ${record + 1}`;
}

/** What it begins with, and where that ends. */
async function beginning(file: SourceFile): Promise<{ opening: string | undefined; start: number }> {
  const head = await file.read(0, Math.min(file.length, 1000));
  const start = textStart(head, file.path);
  const text = new TextDecoder('latin1').decode(head.subarray(start));
  const opening = text.search(/\S/);
  return { opening: text[opening], start: start + opening + 1 };
}

async function requireList(file: SourceFile, opening: string | undefined): Promise<void> {
  const tail = new TextDecoder('latin1').decode(await file.read(Math.max(0, file.length - 1000), file.length));
  if (opening === '[' && tail.trimEnd().endsWith(']')) return;
  throw new FileFormatError({
    where: file.path,
    expected: 'a list of objects in JSON: [{ … }, { … }]',
    received: opening === '[' ? 'a list that does not end' : 'something else',
    hint: 'A file with an object on each line is called .jsonl.',
  });
}
