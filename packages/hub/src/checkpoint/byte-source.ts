/** Something of a known length that can be read anywhere: a file, or bytes in memory. */
export interface ByteSource {
  /** Puts up to `length` bytes from `position` on into `target`, at `offset`. */
  read(
    target: Uint8Array<ArrayBuffer>,
    offset: number,
    length: number,
    position: number,
  ): Promise<{ readonly bytesRead: number }>;
  close(): Promise<void>;
}
