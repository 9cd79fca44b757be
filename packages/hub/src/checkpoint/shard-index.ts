import { FileFormatError, parseStrictJson } from '@polymodal/core';
import { readRegularFile } from '@polymodal/core/files';

/** An index of shards: which file holds which tensor (Hugging Face, `model.safetensors.index.json`). */
export type WeightMap = ReadonlyMap<string, string>;

/** As long as the format lets a header be, which names as many tensors. */
const longestIndex = 100_000_000;

/** @throws FileFormatError for a file that is no such index, or one that leads out of its folder */
export async function readShardIndex(path: string): Promise<WeightMap> {
  const bytes = await readRegularFile(path, { maxBytes: longestIndex });
  const content = parseStrictJson(decodeText(bytes, path), { where: path, deepest: 8, integersOnly: false });
  const weightMap = content instanceof Map ? content.get('weight_map') : undefined;
  if (!(weightMap instanceof Map)) {
    throw new FileFormatError({ where: path, expected: 'an index with a weight_map', received: 'JSON without one' });
  }
  for (const [name, shard] of weightMap) checkShardName(shard, `${path}, weight_map, "${name}"`);
  return weightMap;
}

function decodeText(bytes: Uint8Array, where: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new FileFormatError({ where, expected: 'a JSON file', received: 'bytes that are no UTF-8', cause });
  }
}

/** A path within the folder on every system: plain names between slashes. */
function checkShardName(shard: unknown, where: string): void {
  const isWithin =
    typeof shard === 'string' &&
    shard.endsWith('.safetensors') &&
    shard.split('/').every((part) => part !== '' && part !== '.' && part !== '..' && !/[\\:\p{Control}]/u.test(part));
  if (isWithin) return;
  throw new FileFormatError({
    where,
    expected: 'the name of a safetensors file in the folder of the index',
    received: JSON.stringify(shard) ?? 'nothing',
  });
}
