import { parseJsonFile } from '@polymodal/hub';
import { z } from 'zod';

/** The file in which a folder keeps how its slot's texts share batches, and lie in windows. Python passes over the names. */
export const batchSettingsFile = 'tokenizer_config.json';

/** Tokens of a batch are padded to a multiple of this. */
export const bucketSize = z.int().min(1);

/** By how many tokens the windows of a long text overlap. */
export const stride = z.int().min(0);

const settings = z.looseObject({ polymodal_bucket_size: bucketSize.default(16), polymodal_stride: stride.optional() });

/** To a multiple of how many tokens a folder says that texts are padded: what the option of its slot put there. */
export function bucketSizeOf(contents: ReadonlyMap<string, Uint8Array>): number {
  return settingsOf(contents).polymodal_bucket_size;
}

/** By how many tokens windows of long texts overlap, where a folder says that there are such: what the option of its slot put there. */
export function strideOf(contents: ReadonlyMap<string, Uint8Array>): number | undefined {
  return settingsOf(contents).polymodal_stride;
}

function settingsOf(contents: ReadonlyMap<string, Uint8Array>): z.output<typeof settings> {
  const content = contents.get(batchSettingsFile) ?? new TextEncoder().encode('{}');
  return parseJsonFile(content, batchSettingsFile, settings);
}
