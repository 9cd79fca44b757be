import { TextDecoder } from 'node:util';
import { describeValue, SampleError } from '@polymodal/core';
import { parseFlag } from './parse-flag';
import { parseJson, plainJson, requireExactNumbers } from './parse-json';
import { type Decimal, parseNumber } from './parse-number';
import { type ReadFileCellOptions, readFileCell } from './read-file-cell';

/**
 * What a cell is taken for:
 * - `value`: for itself, as the file has it
 * - `file`: for the path of a file, an address, a `data:` address, bytes, or `{ bytes, path }` as Hugging Face has them; or a list of such
 * - `text`, `number`, `flag`
 * - `json`: for a value in JSON, such as a document or a list of paths in a cell of CSV
 */
export type CellKind = 'value' | 'file' | 'text' | 'number' | 'flag' | 'json';

/** How cells are read. */
export interface ReadValueOptions extends ReadFileCellOptions {
  readonly decimal: Decimal;
}

/** What a cell that is not empty says. @throws SampleError if it is not of this kind */
export function readValue(cell: unknown, kind: CellKind, options: ReadValueOptions): Promise<unknown> | unknown {
  switch (kind) {
    case 'value':
      if (typeof cell === 'bigint')
        throw fault('an integer up to 2^53', String(cell), 'Take it for a text: as: "text".');
      return cell;
    case 'file':
      return Array.isArray(cell)
        ? Promise.all(cell.map((one) => readFileCell(one, options)))
        : readFileCell(cell, options);
    case 'text':
      return readText(cell);
    case 'number':
      return readNumber(cell, options.decimal);
    case 'flag':
      return readFlag(cell);
    case 'json':
      return readJson(cell);
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function readText(cell: unknown): string {
  if (typeof cell === 'string') return cell;
  if (typeof cell === 'number' || typeof cell === 'boolean' || typeof cell === 'bigint') return String(cell);
  if (!(cell instanceof Uint8Array)) throw fault('a text', describeValue(cell));
  try {
    return utf8.decode(cell);
  } catch {
    throw fault('a text in UTF-8', `${cell.length} bytes that are none`);
  }
}

function readNumber(cell: unknown, decimal: Decimal): number {
  if (typeof cell === 'number' && Number.isFinite(cell)) return cell;
  const text = cell instanceof Uint8Array ? readText(cell) : cell;
  const value = typeof text === 'string' ? parseNumber(text, decimal) : undefined;
  if (value !== undefined) return value;
  throw fault('a number', describeValue(cell), typeof text === 'string' ? numberHint(text, decimal) : undefined);
}

function numberHint(text: string, decimal: Decimal): string | undefined {
  const other = decimal === '.' ? ',' : '.';
  if (parseNumber(text, other) !== undefined)
    return `For numbers with "${other}": { column, as: "number", decimal: "${other}" }.`;
  if (/\d{16}/.test(text.replace(/[.,]/g, '')))
    return 'A number holds integers up to 2^53 exactly. If it names something, take it for a text: as: "text".';
  if (/^\W*([a-z]|#n)[a-z/ ]{0,8}\W*$/i.test(text))
    return `If it stands for an empty cell: { missing: [${JSON.stringify(text.trim())}] }.`;
  return undefined;
}

function readFlag(cell: unknown): boolean {
  const value =
    typeof cell === 'boolean' ? cell : parseFlag(cell instanceof Uint8Array ? readText(cell) : String(cell));
  if (value === undefined) throw fault('true or false, yes or no, 1 or 0', describeValue(cell));
  return value;
}

function readJson(cell: unknown): unknown {
  if (typeof cell !== 'string' && !(cell instanceof Uint8Array)) return cell;
  const text = readText(cell);
  const value = parseJson(text);
  requireExactNumbers(value, text);
  return plainJson(value);
}

function fault(expected: string, received: string, hint?: string): SampleError {
  return new SampleError({ expected, received, ...(hint !== undefined && { hint }) });
}
