import { ConfigError, FileFormatError, SampleError } from '@polymodal/core';
import { parse as parseCsv } from 'csv-parse/sync';
import { SourceFile } from '../files/source-file';
import { requireColumns } from '../table/require-columns';
import { isFault, type RowOrFault, type Table } from '../table/table';
import { TextCodec, textStart } from './decode-text';
import { splitCsv } from './record-splitter';
import { type TextBlock, TextBlocks } from './text-blocks';
import { lineOf, linesOf, TextTable } from './text-table';

/** How a file of comma-separated values is written. */
export interface CsvOptions {
  /** One letter. By default that of `,` `;` `|` and tab which the header has; a tab in a file called `.tsv`. */
  readonly delimiter?: string | undefined;
  /** One letter. Default `"`. */
  readonly quote?: string | undefined;
  /** As the web knows it: `windows-1252`, `shift_jis` … Default `utf-8`, with a mark before it or not. */
  readonly encoding?: string | undefined;
}

/**
 * Opens a file of comma-separated values, whose first record names the columns.
 *
 * @throws FileFormatError for a file that is none, as a whole; a record that is wrong is a fault of its row
 */
export async function openCsv(path: string, options: CsvOptions = {}): Promise<Table> {
  const file = await SourceFile.open(path);
  const head = await file.read(0, Math.min(file.length, 2 ** 16));
  const from = textStart(head.subarray(0, 1000), path);
  const codec = new TextCodec(options.encoding ?? 'utf-8');
  const quote = options.quote ?? '"';
  const delimiter = options.delimiter ?? delimiterOf(head.subarray(from), quote, path);
  const form = { delimiter, quote, codec, path };
  const columns: string[] = [];
  const lines: number[] = [];
  const split = splitCsv(byteOf(delimiter, 'delimiter'), byteOf(quote, 'quote'));
  const blocks = await TextBlocks.index(file, split, from, (block) => {
    if (columns.length === 0) columns.push(...headerOf(block, form));
    for (const line of linesOf(block)) lines.push(line);
  });
  if (columns.length === 0) throw noHeader(path);
  const parse = (block: TextBlock) => rowsOf(block, form, columns.length);
  return new TextTable({ columns, blocks, skipped: 1, lines, parse });
}

/** How the file at hand is written. */
interface CsvForm {
  readonly delimiter: string;
  readonly quote: string;
  readonly codec: TextCodec;
  readonly path: string;
}

/** The rows of a block, each with as many cells as there are columns. */
function rowsOf(block: TextBlock, form: CsvForm, columns: number): RowOrFault[] {
  const lines = linesOf(block);
  return recordsOf(block, form).map((cells, record) => {
    if (isFault(cells) || cells.length === columns) return cells;
    return new SampleError({
      where: lineOf(form.path, lines[record]),
      expected: `${columns} cells, as many as there are columns`,
      received: String(cells.length),
      hint: `The delimiter is ${JSON.stringify(form.delimiter)}; a cell in which it occurs stands in quotes.`,
    });
  });
}

/** All at once where nothing is wrong, else one by one, so that a fault is that of its record. */
function recordsOf(block: TextBlock, form: CsvForm): RowOrFault[] {
  const { bytes, spans } = block;
  if (spans.length === 0) return [];
  if (spans.every(({ fault }) => fault === undefined)) {
    const text = form.codec.decode(bytes);
    const records = text === undefined ? undefined : cellsOf(text, form);
    if (records?.length === spans.length) return records;
  }
  const lines = linesOf(block);
  return spans.map(({ start, end, fault }, record) => {
    const where = lineOf(form.path, lines[record]);
    if (fault !== undefined) {
      return new SampleError({
        where,
        expected: 'a field in quotes that ends before the next delimiter',
        received: `${fault}, in a record up to line ${(lines[record + 1] ?? endLine(block)) - 1}`,
        hint: 'A quote within quotes is written twice.',
      });
    }
    const text = form.codec.decode(bytes.subarray(start, end));
    if (text === undefined) {
      return new SampleError({
        where,
        expected: `a text in ${form.codec.encoding}`,
        received: 'bytes that are none',
        hint: 'Say how the file is encoded, e.g. { csv: { encoding: "windows-1252" } }, or save it as UTF-8.',
      });
    }
    return cellsOf(text, form)[0];
  });
}

function cellsOf(text: string, { delimiter, quote }: CsvForm): string[][] {
  return parseCsv(text, {
    delimiter,
    quote,
    escape: quote,
    recordDelimiter: ['\r\n', '\n', '\r'],
    relaxColumnCount: true, // told by line, with what to do
    relaxQuotes: true, // where quotes are wrong has been told already
    skipEmptyLines: true,
  });
}

function endLine({ bytes, firstLine }: TextBlock): number {
  return firstLine + bytes.filter((byte) => byte === 0x0a).length;
}

/** The names of the columns: one without a name has that which pandas, who writes such, gives it. @throws FileFormatError for one that occurs twice */
function headerOf(block: TextBlock, form: CsvForm): readonly string[] {
  if (block.spans.length === 0) return [];
  const [span] = block.spans;
  const [header] = recordsOf({ ...block, bytes: block.bytes.subarray(0, span.end), spans: [span] }, form);
  if (isFault(header)) throw header;
  const names = header.map((name, place) => String(name).trim() || `Unnamed: ${place}`);
  requireColumns(names.length, form.path);
  const where = lineOf(form.path, linesOf(block)[0]);
  names.forEach((name, place) => {
    const first = names.indexOf(name);
    if (first === place) return;
    throw new FileFormatError({
      where,
      expected: 'a name of its own for each column',
      received: `"${name}" for columns ${first + 1} and ${place + 1}`,
      hint: 'The first line names the columns.',
    });
  });
  return names;
}

const delimiters = [',', ';', '\t', '|'];

/** The delimiter that the header has, outside of quotes. @throws FileFormatError where it may be several */
function delimiterOf(head: Uint8Array, quote: string, path: string): string {
  if (/\.tsv$/i.test(path)) return '\t';
  let isQuoted = false;
  const found = new Set<string>();
  for (const byte of head) {
    const letter = String.fromCharCode(byte);
    if (letter === quote) isQuoted = !isQuoted;
    if (isQuoted) continue;
    if (letter === '\n' || letter === '\r') break;
    if (delimiters.includes(letter)) found.add(letter);
  }
  if (found.size < 2) return [...found][0] ?? ',';
  throw new FileFormatError({
    where: lineOf(path, 1),
    expected: 'a header with one of the delimiters , ; | and tab',
    received: [...found].map((letter) => JSON.stringify(letter)).join(' and '),
    hint: 'Say which it is: { csv: { delimiter: ";" } }.',
  });
}

function byteOf(letter: string, where: string): number {
  const code = letter.charCodeAt(0);
  if (letter.length === 1 && code < 128 && letter !== '\n' && letter !== '\r') return code;
  throw new ConfigError({ where: `csv.${where}`, expected: 'one letter of ASCII', received: JSON.stringify(letter) });
}

function noHeader(path: string): FileFormatError {
  return new FileFormatError({
    where: path,
    expected: 'a first line that names the columns',
    received: 'an empty file',
  });
}
