import type { ByteSource } from './byte-source';

/** Bytes that are read at a time. */
const windowBytes = 2 ** 16;

/** A source that is read from its beginning to its end in small steps: what stands near is read with what is asked for. */
export function readAhead(source: ByteSource): ByteSource {
  let first = 0;
  let bytes = new Uint8Array(0);
  return {
    path: source.path,
    length: source.length,
    async read(start, end) {
      if (start < first || end > first + bytes.length) {
        bytes = await source.read(start, Math.min(Math.max(end, start + windowBytes), source.length));
        first = start;
      }
      return bytes.subarray(start - first, end - first);
    },
  };
}
