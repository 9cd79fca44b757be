/** Bytes that are read in parts. */
export interface ByteSource {
  readonly path: string;
  /** In bytes. */
  readonly length: number;
  read(start: number, end: number): Promise<Uint8Array<ArrayBuffer>>;
}
