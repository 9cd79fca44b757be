/** One record of a text, in bytes from the beginning of what was split. */
export interface RecordSpan {
  readonly start: number;
  /** Behind its last byte; the end of the line is none of it. */
  readonly end: number;
  /** Ends of lines before it, from the beginning of what was split. */
  readonly line: number;
  /** What is wrong in where it ends. */
  readonly fault?: string;
}

/** The records of some bytes that begin with a record. */
export interface SplitRecords {
  readonly spans: readonly RecordSpan[];
  /** How many bytes belong to whole records; the rest may go on in bytes to come. */
  readonly consumed: number;
  /** Ends of lines in these bytes. */
  readonly lines: number;
}

/**
 * Finds where records end. Empty lines are none.
 *
 * @param isLast whether nothing comes behind these bytes
 */
export type RecordSplitter = (bytes: Uint8Array, isLast: boolean) => SplitRecords;

const newline = 0x0a;
const carriageReturn = 0x0d;

/** Records that are a line each, which ends with LF or CR LF. */
export function splitLines(bytes: Uint8Array, isLast: boolean): SplitRecords {
  const spans: RecordSpan[] = [];
  let start = 0;
  let line = 0;
  for (;;) {
    const found = bytes.indexOf(newline, start);
    if (found < 0 && !(isLast && start < bytes.length)) return { spans, consumed: start, lines: line };
    const next = found < 0 ? bytes.length : found + 1;
    let end = found < 0 ? bytes.length : found;
    if (bytes[end - 1] === carriageReturn) end--;
    if (end > start) spans.push({ start, end, line });
    start = next;
    line++;
  }
}

/**
 * Records of CSV (RFC 4180): a quote opens a field where it is its first letter, and only there, as in Python's `csv`; two of them
 * within are one. Lines end with LF, CR LF or CR, within a field in quotes with whatever stands there.
 */
export function splitCsv(delimiter: number, quote: number): RecordSplitter {
  return (bytes, isLast) => {
    const spans: RecordSpan[] = [];
    let consumed = 0;
    let consumedLines = 0;
    let position = 0;
    let line = 0;
    while (position < bytes.length) {
      const start = position;
      const startLine = line;
      let isFieldStart = true;
      let isQuoted = false;
      let fault: string | undefined;
      let end = -1;
      while (position < bytes.length && end < 0) {
        const byte = bytes[position];
        if (byte === newline || (byte === carriageReturn && bytes[position + 1] !== newline)) line++;
        if (isQuoted) {
          if (byte === quote && bytes[position + 1] === quote) position++;
          else if (byte === quote) {
            isQuoted = false;
            if (!endsField(bytes[position + 1], delimiter)) fault ??= 'text behind a closing quote';
          }
        } else if (byte === quote && isFieldStart) isQuoted = true;
        else if (byte === newline || byte === carriageReturn) end = position;
        isFieldStart = byte === delimiter && !isQuoted;
        position++;
      }
      if (end >= 0 && bytes[end] === carriageReturn) {
        if (position === bytes.length && !isLast) break; // an LF may follow
        if (bytes[position] === newline) {
          position++;
          line++;
        }
      }
      if (end < 0) {
        if (!isLast) break;
        end = bytes.length;
        if (isQuoted) fault = 'a quote that is opened and never closed';
      }
      if (end > start) spans.push({ start, end, line: startLine, ...(fault !== undefined && { fault }) });
      consumed = position;
      consumedLines = line;
    }
    return { spans, consumed, lines: consumedLines };
  };
}

function endsField(byte: number | undefined, delimiter: number): boolean {
  return byte === undefined || byte === delimiter || byte === newline || byte === carriageReturn;
}
