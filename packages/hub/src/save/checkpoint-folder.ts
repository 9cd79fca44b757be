import { FileFormatError } from '@polymodal/core';
import { type FolderKind, type WrittenFiles, writtenFiles } from '@polymodal/core/node';
import { z } from 'zod';
import { parseJsonFile } from '../pretrained/parse-json-file';

const manifestSchema = z.strictObject({ version: z.literal(1), files: writtenFiles });

/** A folder in Hugging Face layout that was written here, as its manifest says: only such a one is replaced. */
export const checkpointFolder: FolderKind = {
  writer: 'savePretrained',
  manifest: '.polymodal.json',
  entries: ['config.json', 'model.safetensors.index.json'],
  listed(manifest) {
    try {
      return parseJsonFile(manifest, '', manifestSchema).files;
    } catch (error) {
      if (error instanceof FileFormatError) return undefined;
      throw error;
    }
  },
  mayStandBeside: (name) => /^(\.git.*|README(\..*)?|LICENSE(\..*)?)$/i.test(name),
};

/** As {@link checkpointFolder}, for weights alone, which may go beside anything but other weights. */
export const weightsFolder: FolderKind = {
  ...checkpointFolder,
  writer: 'saveCheckpoint',
  mayStandBeside: (name) => !isWeightFile(name),
};

/** The content of the manifest. */
export function checkpointManifest(files: WrittenFiles): string {
  return `${JSON.stringify({ version: 1, files }, null, 2)}\n`;
}

/** Whether readers take a file for weights of the folder. */
export function isWeightFile(name: string): boolean {
  return /^model(-\d{5}-of-\d{5})?\.safetensors(\.index\.json)?$/.test(name);
}
