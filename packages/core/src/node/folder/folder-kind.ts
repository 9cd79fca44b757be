import type { WrittenFiles } from './written-files';

/** Folders of one kind: files that belong together, and one among them that lists the others. */
export interface FolderKind {
  /** Who writes such folders, as error messages call it: `saveModel`. */
  readonly writer: string;
  /** The file that lists the others with their checksums. */
  readonly manifest: string;
  /** The files that a manifest lists; undefined for a content that is no manifest of this kind. */
  listed(manifest: Uint8Array): WrittenFiles | undefined;
  /**
   * Files without which no other program takes the folder for what it is: while several files are replaced they are away, so
   * that nobody who knows nothing of the manifest finds a mixture.
   */
  readonly entries?: readonly string[];
  /** Whether a file or folder that is another's may be where the first of this kind is written; none may unless this says so. */
  mayStandBeside?(name: string): boolean;
}

/** Longer manifests are taken for none. */
export const longestManifest = 100_000_000;

/** Where a folder that is written, and not yet put in place, stands in the workshop. */
export function committedName({ manifest }: FolderKind): string {
  return `committed-${manifest}`;
}
