import type { RecordSpan, SplitRecords } from './record-splitter';

const [newline, quote, backslash, comma] = [0x0a, 0x22, 0x5c, 0x2c];
const [opening, closing] = [new Set([0x5b, 0x7b]), new Set([0x5d, 0x7d])];
const whiteSpace = new Set([0x20, 0x09, newline, 0x0d]);

/** Records that are the elements of a list in JSON, behind the bracket that opens it, up to the one that closes it. */
export function splitList(bytes: Uint8Array, isLast: boolean): SplitRecords {
  const spans: RecordSpan[] = [];
  let consumed = 0;
  let consumedLines = 0;
  let position = 0;
  let line = 0;
  for (;;) {
    while (whiteSpace.has(bytes[position])) if (bytes[position++] === newline) line++;
    const [start, startLine] = [position, line];
    let depth = 0;
    let isText = false;
    for (; position < bytes.length; position++) {
      const byte = bytes[position];
      if (byte === newline) line++;
      if (isText) {
        if (byte === backslash) position++;
        else if (byte === quote) isText = false;
      } else if (byte === quote) isText = true;
      else if (opening.has(byte)) depth++;
      else if (depth === 0 && (byte === comma || closing.has(byte))) break;
      else if (closing.has(byte)) depth--;
    }
    const isWhole = position < bytes.length;
    if (!isWhole && !(isLast && position > start)) {
      const rest = isLast ? { consumed: bytes.length, lines: line } : { consumed, lines: consumedLines };
      return { spans, ...rest };
    }
    let end = Math.min(position, bytes.length);
    while (end > start && whiteSpace.has(bytes[end - 1])) end--;
    const isEnd = isWhole && bytes[position] !== comma;
    if (end > start || !isEnd) spans.push({ start, end, line: startLine }); // two commas with nothing between are a fault
    position++;
    consumed = Math.min(position, bytes.length);
    consumedLines = line;
    if (isEnd || position >= bytes.length) {
      if (isEnd && position < bytes.length && new TextDecoder('latin1').decode(bytes.subarray(position)).trim() !== '')
        spans.push({ start: position, end: bytes.length, line });
      return { spans, consumed: isEnd ? bytes.length : consumed, lines: consumedLines };
    }
  }
}
