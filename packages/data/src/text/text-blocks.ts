import { FileFormatError } from '@polymodal/core';
import type { SourceFile } from '../files/source-file';
import { rowIndex } from '../table/row-index';
import type { RecordSpan, RecordSplitter } from './record-splitter';

/** Some records of a text, one after the other. */
export interface TextBlock {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly spans: readonly RecordSpan[];
  /** The number of its first line, from 1. */
  readonly firstLine: number;
  /** The number of its first record, from 0. */
  readonly firstRecord: number;
}

/** The longest record: one that is longer is a mistake, such as a quote that is never closed, or belongs into a file of its own. */
const longestRecord = 2 ** 26;

/** Bytes at a time: few enough that a row costs little to read, so many that their index is small beside the text. */
const blockBytes = 2 ** 16;

/** A text in blocks that end where a record ends, so that any record can be read without those before it. */
export class TextBlocks {
  readonly #starts: number[] = [];
  readonly #lines: number[] = [];
  readonly #rows = rowIndex();

  readonly #split: RecordSplitter;

  private constructor(
    readonly file: SourceFile,
    split: RecordSplitter,
  ) {
    this.#split = split;
  }

  /**
   * Goes through a file once. No more than a block of it is in memory, unless a record is longer.
   *
   * @param from    where the first record begins
   * @param onBlock sees each block, in order
   * @throws FileFormatError for a record beyond 64 MiB, and more rows than a data set may have
   */
  static async index(
    file: SourceFile,
    split: RecordSplitter,
    from: number,
    onBlock: (block: TextBlock) => void,
  ): Promise<TextBlocks> {
    const blocks = new TextBlocks(file, split);
    let position = from;
    let firstLine = 1;
    let wanted = blockBytes;
    while (position < file.length) {
      const end = Math.min(position + wanted, file.length);
      const bytes = await file.read(position, end);
      const { spans, consumed, lines } = split(bytes, end === file.length);
      if (consumed === 0) {
        if (wanted > longestRecord) throw tooLong(file.path, firstLine);
        wanted *= 2;
        continue;
      }
      const firstRecord = blocks.length;
      blocks.#add(position, firstLine, spans.length);
      onBlock({ bytes: bytes.subarray(0, consumed), spans, firstLine, firstRecord });
      position += consumed;
      firstLine += lines;
      wanted = blockBytes;
    }
    blocks.#starts.push(position);
    return blocks;
  }

  /** How many records there are. */
  get length(): number {
    return this.#rows.length;
  }

  /** The block in which a record is, and its place there. */
  locate(record: number): { readonly block: number; readonly place: number } {
    const { part, place } = this.#rows.locate(record);
    return { block: part, place };
  }

  async read(block: number): Promise<TextBlock> {
    const bytes = await this.file.read(this.#starts[block], this.#starts[block + 1]);
    const [firstLine, firstRecord] = [this.#lines[block], this.#rows.start(block)];
    return { bytes, spans: this.#split(bytes, true).spans, firstLine, firstRecord };
  }

  #add(start: number, line: number, records: number): void {
    this.#starts.push(start);
    this.#lines.push(line);
    this.#rows.add(records, this.file.path);
  }
}

function tooLong(path: string, line: number): FileFormatError {
  return new FileFormatError({
    where: `${path}, line ${line}`,
    expected: `a record of at most ${longestRecord} bytes`,
    received: 'a longer one',
    hint: 'In CSV it may begin with a quote that is never closed. Large values belong into files of their own, named by a path.',
  });
}
