import { createHash } from 'node:crypto';
import { z } from 'zod';
import { describeValue } from '../describe-value';
import { FileFormatError, PolymodalError } from '../errors';
import type { UncheckedModelConfig } from '../model-config';
import { parseConfig } from '../parse-config';
import type { FolderKind } from './folder/folder-kind';
import { type WrittenFiles, writtenFiles } from './folder/written-files';

/** Version of the folder's layout. */
const version = 2;

const manifestSchema = z.strictObject({
  polymodal: z.literal(version),
  config: z.looseObject({}),
  files: writtenFiles,
  sha256: z.string(),
});

/** What config.json of a model folder says: the model's config, and which files belong to it. */
export interface ModelManifest {
  readonly config: unknown;
  readonly files: WrittenFiles;
  /** Of all that it says: of the whole model, since it has the checksums of the files. */
  readonly sha256: string;
}

/** The folder of a model. */
export const modelFolder: FolderKind = {
  writer: 'saveModel',
  manifest: 'config.json',
  listed(manifest) {
    try {
      return parseModelManifest(manifest, '').files;
    } catch (error) {
      if (PolymodalError.isInstance(error)) return undefined;
      throw error;
    }
  },
};

/** The content of config.json. Its checksum is of all that it says, so that a digit that changed is noticed. */
export function modelManifest(config: UncheckedModelConfig, files: WrittenFiles): string {
  const content = { polymodal: version, config, files };
  return `${JSON.stringify({ ...content, sha256: checksum(content) }, null, 2)}\n`;
}

/**
 * Reads config.json of a model folder.
 *
 * @throws FileFormatError for a content that {@link modelManifest} did not write, as it is
 */
export function parseModelManifest(content: Uint8Array, where: string): ModelManifest {
  const json = parseJson(content, where) as z.output<typeof manifestSchema> | null;
  if (json?.polymodal !== version) {
    throw new FileFormatError({
      where,
      expected: `a model folder of version ${version}`,
      received: json?.polymodal === undefined ? 'a config without version' : `version ${describeValue(json.polymodal)}`,
      hint: 'Only folders written by saveModel of this version of Polymodal can be loaded here.',
    });
  }
  requireManifest(json, where);
  const { polymodal, config, files } = json;
  const sha256 = checksum({ polymodal, config, files });
  if (json.sha256 === sha256) return { config, files, sha256 };
  throw new FileFormatError({
    where,
    expected: 'what saveModel wrote',
    received: 'something that does not match its checksum',
    hint: 'The file was damaged or changed. To change a config, compose a model of it and give it the weights.',
  });
}

function parseJson(content: Uint8Array, where: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(content));
  } catch (cause) {
    throw new FileFormatError({ where, expected: 'JSON', received: 'text that is none', cause });
  }
}

function requireManifest(json: unknown, where: string): void {
  try {
    parseConfig(manifestSchema, json, '');
  } catch (cause) {
    if (!PolymodalError.isInstance(cause)) throw cause;
    const { expected, received } = cause;
    throw new FileFormatError({ where: [where, cause.where].filter(Boolean).join(', '), expected, received, cause });
  }
}

function checksum(content: object): string {
  return createHash('sha256').update(JSON.stringify(content)).digest('hex');
}
