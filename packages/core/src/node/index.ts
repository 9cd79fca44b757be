export { openRegularFile, type RegularFile } from '../files/open-regular-file';
export { type DiscoverOptions, discoverPlugins } from './discover-plugins';
export { addFile } from './folder/add-file';
export { fileChecksum } from './folder/file-checksum';
export type { FolderKind } from './folder/folder-kind';
export { type HeldFolder, holdFolder, workshopName } from './folder/hold-folder';
export { makeFolder } from './folder/make-folder';
export { type FolderView, readFolder } from './folder/read-folder';
export { type WrittenFolder, writeFolder } from './folder/write-folder';
export {
  describeContent,
  isSafeFileName,
  type WrittenFile,
  type WrittenFiles,
  writtenFiles,
} from './folder/written-files';
export { type LoadModelOptions, loadModel } from './load-model';
export { acquireLock, type HeldLock, isLocked, type LockOptions } from './lock/file-lock';
export { removeModel } from './remove-model';
export { replaceFile, syncFolder, writeDurably } from './replace-file';
export { readSafetensors } from './safetensors/read-safetensors';
export { type StreamedTensor, streamedFloats, writeSafetensors } from './safetensors/write-safetensors';
export { type WriteShardsOptions, writeShards } from './safetensors/write-shards';
export { requireModelPlace, saveModel } from './save-model';
export { readSavedModel, type SavedModel } from './saved-model';
export { isTemporaryPath, removeLeftovers, temporaryPath } from './temporary-path';
