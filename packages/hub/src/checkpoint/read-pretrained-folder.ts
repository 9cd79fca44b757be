import { readFolder } from '@polymodal/core/node';
import { checkpointFolder } from '../save/checkpoint-folder';

/** A folder in Hugging Face layout as it was at one moment. */
export interface PretrainedFolderView {
  readonly folder: string;
  /** Where a file is to be read. */
  path(name: string): string;
}

/**
 * Opens files of a folder in Hugging Face layout that are of one moment, though a model be saved there meanwhile.
 *
 * @param open may be called several times; what it has opened is closed when the files turn out not to be
 */
export function readPretrainedFolder<T extends { close(): Promise<void> }>(
  folder: string,
  open: (view: PretrainedFolderView) => Promise<T>,
): Promise<T> {
  return readFolder(folder, checkpointFolder, async (view) => {
    const opened = await open({ folder, path: (name) => view.path(name) });
    try {
      await view.requireUnchanged();
      return opened;
    } catch (error) {
      await opened.close();
      throw error;
    }
  });
}
