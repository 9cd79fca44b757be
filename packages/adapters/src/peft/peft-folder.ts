import { type FolderKind, type WrittenFiles, writtenFiles } from '@polymodal/core/node';
import { z } from 'zod';

export const configName = 'adapter_config.json';
export const tensorsName = 'adapter_model.safetensors';

const manifestSchema = z.strictObject({ version: z.literal(1), files: writtenFiles });

/** A folder of adapters in PEFT's layout that was written here, as its manifest says: only such a one is replaced. */
export const peftFolder: FolderKind = {
  writer: 'savePeft',
  manifest: '.polymodal.json',
  entries: [configName],
  listed(manifest) {
    try {
      return manifestSchema.safeParse(JSON.parse(new TextDecoder().decode(manifest))).data?.files;
    } catch {
      return undefined;
    }
  },
  mayStandBeside: (name) => /^(\.git.*|README(\..*)?|LICENSE(\..*)?)$/i.test(name),
};

/** The content of the manifest. */
export function peftManifest(files: WrittenFiles): string {
  return `${JSON.stringify({ version: 1, files }, null, 2)}\n`;
}
