import { parseJsonFile } from '@polymodal/hub';
import { z } from 'zod';

/** The file in which a folder keeps how its slot's texts share batches. Python passes over the name. */
export const batchSettingsFile = 'tokenizer_config.json';

/** Tokens of a batch are padded to a multiple of this. */
export const bucketSize = z.int().min(1);

const settings = z.looseObject({ polymodal_bucket_size: bucketSize.default(16) });

/** To a multiple of how many tokens a folder says that texts are padded: what the option of its slot put there. */
export function bucketSizeOf(contents: ReadonlyMap<string, Uint8Array>): number {
  const content = contents.get(batchSettingsFile) ?? new TextEncoder().encode('{}');
  return parseJsonFile(content, batchSettingsFile, settings).polymodal_bucket_size;
}
