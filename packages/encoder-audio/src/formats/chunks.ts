/** A part of a RIFF or IFF file. */
export interface Chunk {
  readonly id: string;
  /** As its header says; 2³² − 1 where the writer did not know. */
  readonly size: number;
  /** What there is of it: less than `size` in a file that is cut short. */
  readonly body: Uint8Array;
}

/**
 * The chunks of a RIFF or IFF file from `start` on (Multimedia Programming Interface 1.0, "RIFF"): four letters, a size in
 * bytes, and so many bytes, after which one more fills an odd size up.
 *
 * @param sizeOf what a chunk's size really is, for formats that write some of them elsewhere
 */
export function* readChunks(
  bytes: Uint8Array,
  start: number,
  littleEndian: boolean,
  sizeOf: (id: string, size: number) => number = (_, size) => size,
): Generator<Chunk> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = start;
  while (at + 8 <= bytes.length) {
    const id = String.fromCharCode(...bytes.subarray(at, at + 4));
    const size = sizeOf(id, view.getUint32(at + 4, littleEndian));
    const body = bytes.subarray(at + 8, at + 8 + size);
    yield { id, size, body };
    at += 8 + size + (size % 2);
  }
}

/** To read numbers from a chunk's body. */
export function viewOf({ buffer, byteOffset, length }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, length);
}
