import { type Media, mediaOfBytes, mediaOfName } from '../values/media-type';
import { isMissing } from '../values/missing-cells';
import { parseFlag } from '../values/parse-flag';
import { type Decimal, parseNumber } from '../values/parse-number';
import { namesFile } from '../values/read-file-cell';

/** What a column holds. */
export type ColumnKind =
  | 'picture'
  | 'sound'
  | 'bytes'
  | 'text'
  | 'number'
  | 'category'
  | 'date'
  | 'flag'
  | 'id'
  | 'constant'
  | 'empty'
  | 'list'
  | 'object';

/** What the cells of a column were found to be, and why. */
export interface FoundKind {
  readonly kind: ColumnKind;
  readonly why: string;
  /** How its numbers are written. */
  readonly decimal?: Decimal;
  /** Texts in it that stand for nothing. */
  readonly missing?: readonly string[];
}

/** What programs write for nothing. */
const nothings = new Set([
  'NA',
  'N/A',
  'n/a',
  'na',
  'NaN',
  'nan',
  'NULL',
  'null',
  'None',
  'none',
  '-',
  '--',
  '?',
  '#N/A',
  '.',
]);

/** What the cells of a column are. Those that are empty say nothing. */
export function columnKind(cells: readonly unknown[]): FoundKind {
  const there = cells.filter((cell) => !isMissing(cell));
  if (there.length === 0) return { kind: 'empty', why: 'no cell has anything in it' };
  const file = fileKind(there);
  if (file) return file;
  if (there.every(Array.isArray)) return { kind: 'list', why: 'each cell is a list' };
  if (there.every((cell) => cell instanceof Date)) return { kind: 'date', why: 'each cell is a date' };
  const lists = there.filter(Array.isArray).length;
  if (lists > 0) return { kind: 'object', why: `${lists} of ${there.length} cells are lists, the others are not` };
  if (there.some((cell) => typeof cell === 'object')) return { kind: 'object', why: 'cells are objects' };
  const texts = there.map((cell) => String(cell).trim());
  const told = texts.filter((text) => !nothings.has(text));
  const missing = [...new Set(texts.filter((text) => nothings.has(text)))];
  const exact = told.length > 0 ? exactKind(told) : undefined;
  if (exact) return missing.length > 0 ? { ...exact, missing } : exact;
  return wordKind(texts);
}

function fileKind(cells: readonly unknown[]): FoundKind | undefined {
  if (!cells.every(namesFile)) return undefined;
  const media = new Set(cells.flatMap((cell): unknown[] => (Array.isArray(cell) ? cell : [cell])).map(mediaOf));
  const [only] = media;
  const named = cells.every((cell) => typeof cell === 'string') ? 'names one' : 'is one, or names one';
  if (media.size === 1 && only) return { kind: only, why: `each cell ${named}` };
  return { kind: 'bytes', why: 'cells are files, not all of them pictures, nor sounds' };
}

function mediaOf(cell: unknown): Media | undefined {
  if (typeof cell === 'string') return mediaOfName(cell);
  if (cell instanceof Uint8Array) return mediaOfBytes(cell);
  const { bytes, path } = cell as { bytes?: unknown; path?: unknown };
  const byName = typeof path === 'string' ? mediaOfName(path) : undefined;
  return byName ?? (bytes instanceof Uint8Array ? mediaOfBytes(bytes) : undefined);
}

/** Columns that are what they are in every cell. */
function exactKind(texts: readonly string[]): FoundKind | undefined {
  const distinct = new Set(texts).size;
  if (distinct === 1 && texts.length > 1)
    return { kind: 'constant', why: `each cell is ${JSON.stringify(texts[0].slice(0, 40))}` };
  if (distinct === 2 && texts.every((text) => parseFlag(text) !== undefined)) {
    return { kind: 'flag', why: `each cell is ${[...new Set(texts)].join(' or ')}` };
  }
  if (texts.every((text) => isoDate.test(text))) return { kind: 'date', why: 'each cell is a date of ISO 8601' };
  if (texts.some((text) => /^[+-]?0\d/.test(text))) return undefined; // a number of a house, a code of a town
  const decimal = (['.', ','] as const).find((own) => texts.every((text) => parseNumber(text, own) !== undefined));
  if (decimal === undefined) return undefined;
  const isCount = texts.every((text, row) => row === 0 || Number(text) > Number(texts[row - 1]));
  if (isCount && texts.length >= 20 && texts.every((text) => /^\d+$/.test(text))) {
    return { kind: 'id', why: 'integers that grow from row to row' };
  }
  return {
    kind: 'number',
    why: decimal === '.' ? 'each cell is a number' : 'each cell is a number with a comma',
    decimal,
  };
}

/** Whether texts are put together of few words, as "small red jumper" is: each says more than that it is another one. */
function areComposed(texts: readonly string[], distinct: number): boolean {
  const words = new Set(texts.flatMap((text) => text.toLowerCase().split(/[^\p{L}\p{N}]+/u)));
  return texts.some((text) => /\s/.test(text)) && words.size < distinct;
}

const isoDate = /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?$/;

/** Of fewer cells little can be told: words that differ may be names, or numbers of rows. */
const fewest = 20;

/** More values than these are no categories. */
const mostCategories = 100;

function wordKind(texts: readonly string[]): FoundKind {
  const count = texts.length;
  const distinct = new Set(texts).size;
  const length = texts.reduce((sum, text) => sum + text.length, 0) / count;
  if (distinct === 1 && count > 1)
    return { kind: 'constant', why: `each cell is ${JSON.stringify(texts[0].slice(0, 40))}` };
  if (distinct > fewest && areComposed(texts, distinct)) {
    return { kind: 'text', why: `${distinct} different texts, of the same words again and again` };
  }
  if (distinct <= Math.min(mostCategories, count / 2) && length <= 40) {
    return { kind: 'category', why: `${distinct} different values in ${count} cells` };
  }
  const areWords = texts.every((text) => /^\S{1,64}$/.test(text));
  if (areWords && distinct === count && (count >= fewest || texts.every((text) => /\d/.test(text)))) {
    return { kind: 'id', why: 'each cell is one word that no other has' };
  }
  if (areWords && distinct < count && count < fewest)
    return { kind: 'category', why: `words, of which some come again: ${distinct} different in ${count} cells` };
  return { kind: 'text', why: `${distinct} different texts of ${Math.round(length)} letters on average` };
}
