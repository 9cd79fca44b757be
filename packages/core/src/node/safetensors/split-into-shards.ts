/** What the split needs to know of a tensor. */
interface Sized {
  readonly byteLength: number;
}

/**
 * Splits tensors into files of at most `maxShardSize` bytes of data, in the given order; a larger tensor has a file of its
 * own. One file is `model.safetensors`, several are `model-00001-of-0000N.safetensors` (huggingface_hub,
 * `split_state_dict_into_shards_factory`).
 *
 * @returns files by name, with what goes into each
 */
export function splitIntoShards<T extends Sized>(tensors: readonly T[], maxShardSize: number): Map<string, T[]> {
  const shards: T[][] = [];
  let current: T[] = [];
  let size = 0;
  for (const tensor of tensors) {
    if (tensor.byteLength > maxShardSize) {
      shards.push([tensor]);
      continue;
    }
    if (size + tensor.byteLength > maxShardSize) {
      shards.push(current);
      current = [];
      size = 0;
    }
    current.push(tensor);
    size += tensor.byteLength;
  }
  if (current.length > 0 || shards.length === 0) shards.push(current);
  return new Map(shards.map((shard, index) => [shardName(index, shards.length), shard]));
}

function shardName(index: number, count: number): string {
  if (count === 1) return 'model.safetensors';
  const digits = (value: number) => String(value).padStart(5, '0');
  return `model-${digits(index + 1)}-of-${digits(count)}.safetensors`;
}
