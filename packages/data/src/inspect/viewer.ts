/** What is seen of a file that was decoded. */
export interface FileView {
  /** How long or large it is, by unit: `{ seconds: 1.5 }`, `{ width: 640, height: 480 }`. */
  readonly lengths: Readonly<Record<string, number>>;
  /** A small picture of it, in PNG. */
  preview(): Promise<Uint8Array>;
}

/** Decodes the files of a slot, and so finds such as cannot be. */
export interface Viewer {
  /** @param file its path or its bytes. @throws SampleError for one that cannot be decoded */
  view(file: string | Uint8Array): Promise<FileView>;
}
