/** Modalities of ours whose values are written out, and do not lie in files. */
const writtenOut: ReadonlySet<string> = new Set(['text', 'row', 'number', 'category', 'date', 'flag']);

/** Whether a value of a modality is a file, for which its path stands: pictures, sounds, and what the modalities of others are. */
export function takesFile(modality: string): boolean {
  return !writtenOut.has(modality);
}
