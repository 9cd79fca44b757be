/** The two contents that a writer writes by turns. */
export type Version = 'A' | 'B';

/** Something that writes files into a folder, and can tell what it finds there. */
export interface Writer {
  /** Writes a version into the folder. `round` counts the calls of a process. */
  write(folder: string, version: Version, round: number): Promise<void>;
  /**
   * What the folder holds: one version whole, or nothing yet.
   *
   * @throws MixtureError for anything in between, and what the reader of such files throws
   */
  read(folder: string): Promise<Version | 'nothing'>;
}

/** Files that do not belong together, or are not whole, and were read without complaint. */
export class MixtureError extends Error {}
