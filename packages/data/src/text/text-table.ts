import { dirname } from 'node:path';
import { Recent } from '../files/recent';
import type { RowOrFault, Table } from '../table/table';
import type { RecordSpan } from './record-splitter';
import type { TextBlock, TextBlocks } from './text-blocks';

/** Blocks that stay parsed: enough for as many readers as a training has. */
const recentBlocks = 16;

/** What a {@link TextTable} is made of. */
export interface TextTableParts {
  readonly columns: readonly string[];
  readonly blocks: TextBlocks;
  /** Records before the first row: a header. */
  readonly skipped: number;
  /** The line of each record. */
  readonly lines: readonly number[];
  readonly remarks?: readonly string[];
  /** How error messages call the place of a record. Default {@link lineOf}. */
  readonly place?: (path: string, line: number, record: number) => string;
  /** A row, or what is wrong with it, for each record of a block. */
  parse(block: TextBlock): readonly RowOrFault[];
}

/** A table that is a text with a record for each row. */
export class TextTable implements Table {
  readonly name: string;
  readonly columns: readonly string[];
  readonly remarks: readonly string[];
  readonly #parts: TextTableParts;
  readonly #recent = new Recent<number, readonly RowOrFault[]>(recentBlocks);

  constructor(parts: TextTableParts) {
    this.#parts = parts;
    this.name = parts.blocks.file.path;
    this.columns = parts.columns;
    this.remarks = parts.remarks ?? [];
  }

  get length(): number {
    return this.#parts.blocks.length - this.#parts.skipped;
  }

  async read(index: number): Promise<RowOrFault> {
    const { blocks, skipped, parse } = this.#parts;
    const { block, place } = blocks.locate(index + skipped);
    const rows = await this.#recent.get(block, async () => parse(await blocks.read(block)));
    return rows[place];
  }

  folder(): string {
    return dirname(this.name);
  }

  where(index: number): string {
    const { lines, skipped, place = lineOf } = this.#parts;
    return place(this.name, lines[index + skipped], index);
  }
}

/** How error messages call the line of a record. */
export function lineOf(path: string, line: number): string {
  return `${path}, line ${line}`;
}

/** The numbers of the lines in which the records of a block begin. */
export function linesOf({ spans, firstLine }: TextBlock): number[] {
  return spans.map(({ line }: RecordSpan) => firstLine + line);
}
