import { join } from 'node:path';
import { ConfigError, ShapeError } from '../../errors';
import { safetensorsByteLength } from '../../safetensors';
import { describeContent, type WrittenFiles } from '../folder/written-files';
import { writeDurably } from '../replace-file';
import { splitIntoShards } from './split-into-shards';
import { type StreamedTensor, writeSafetensors } from './write-safetensors';

/** How tensors are written into a folder. */
export interface WriteShardsOptions {
  /** Most bytes of data in a file; 5 GB, as Hugging Face's, unless told otherwise. */
  readonly maxShardSize?: number;
  /** Texts that go into every file; `{ format: 'pt' }`, which Python's transformers asks for, unless told otherwise. */
  readonly metadata?: Readonly<Record<string, string>>;
}

const indexName = 'model.safetensors.index.json';

/**
 * Writes tensors into a folder as Hugging Face does: `model.safetensors`, or, beyond the size of a shard,
 * `model-00001-of-0000N.safetensors` and so on with `model.safetensors.index.json`. Files that are there are never replaced.
 *
 * @returns what was written, the index last
 * @throws ConfigError, ShapeError for what the format cannot hold, or a shard size of no bytes
 * @throws StorageError if the file system does not take the files
 */
export async function writeShards(
  directory: string,
  tensors: readonly StreamedTensor[],
  { maxShardSize = 5e9, metadata = { format: 'pt' } }: WriteShardsOptions = {},
): Promise<WrittenFiles> {
  if (!(maxShardSize > 0)) {
    throw new ConfigError({ where: 'maxShardSize', expected: 'a number of bytes', received: String(maxShardSize) });
  }
  const shards = splitIntoShards(tensors.map(sized), maxShardSize);
  const written: Record<string, WrittenFiles[string]> = {};
  for (const [name, shard] of shards) {
    written[name] = await writeSafetensors(
      join(directory, name),
      shard.map(({ tensor }) => tensor),
      metadata,
    );
  }
  if (shards.size > 1) {
    const index = indexText(shards);
    await writeDurably(join(directory, indexName), index);
    written[indexName] = describeContent(index);
  }
  return written;
}

interface SizedTensor {
  readonly tensor: StreamedTensor;
  readonly byteLength: number;
}

function sized(tensor: StreamedTensor): SizedTensor {
  const byteLength = safetensorsByteLength(tensor.dtype, tensor.shape);
  if (byteLength !== undefined) return { tensor, byteLength };
  const received = `[${tensor.shape}]`;
  throw new ShapeError({ where: `tensor "${tensor.name}"`, expected: 'a shape of whole numbers from 0', received });
}

/** Put together by hand: as keys of an object, names such as "1" would change places. */
function indexText(shards: ReadonlyMap<string, readonly SizedTensor[]>): string {
  const all = [...shards].flatMap(([file, tensors]) =>
    tensors.map(({ tensor: { name }, byteLength }) => ({ file, name, byteLength })),
  );
  const metadata = { total_size: all.reduce((total, { byteLength }) => total + byteLength, 0) };
  const entries = all
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, file }) => `    ${JSON.stringify(name)}: ${JSON.stringify(file)}`);
  return `{\n  "metadata": ${JSON.stringify(metadata)},\n  "weight_map": {\n${entries.join(',\n')}\n  }\n}\n`;
}
