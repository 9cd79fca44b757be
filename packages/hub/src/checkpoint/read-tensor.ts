import { FileFormatError, type SafetensorsEntry } from '@polymodal/core';
import type { ByteSource } from './byte-source';
import type { CheckpointTensor } from './checkpoint';
import { elementDecoders } from './element-decoders';
import { readFully } from './read-fully';

const chunkBytes = 1 << 20;

/**
 * Reads a tensor from a safetensors file. Types that TensorFlow.js has too are read right into their array; others pass through a
 * buffer of 1 MiB, so that no second copy of a tensor is ever in memory.
 *
 * @param dataStart where the data begin in the file
 * @param where how error messages call the tensor
 */
export async function readTensor(
  source: ByteSource,
  dataStart: number,
  { dtype, shape, begin, end }: SafetensorsEntry,
  where: string,
): Promise<CheckpointTensor> {
  const decoder = elementDecoders[dtype];
  if (!decoder) {
    throw new FileFormatError({
      where,
      expected: `one of ${Object.keys(elementDecoders).join(', ')}`,
      received: dtype,
      hint: 'TensorFlow.js has no such numbers; save the tensor in another type with Python.',
    });
  }
  const data = decoder.create((end - begin) / decoder.bytes);
  const check = (stored: Uint8Array<ArrayBuffer>, start: number) => {
    const misfit = decoder.decode(stored, data, start);
    if (misfit === undefined) return;
    const expected = dtype === 'BOOL' ? 'a bool of 0 or 1' : 'integers that int32 holds';
    throw new FileFormatError({ where, expected, received: String(misfit) });
  };
  if (decoder.isSame) {
    const bytes = new Uint8Array(data.buffer);
    await readFully(source, bytes, dataStart + begin, where);
    check(bytes, 0);
  } else {
    const buffer = new Uint8Array(Math.min(chunkBytes, end - begin));
    for (let position = begin; position < end; position += chunkBytes) {
      const chunk = buffer.subarray(0, Math.min(chunkBytes, end - position));
      await readFully(source, chunk, dataStart + position, where);
      check(chunk, (position - begin) / decoder.bytes);
    }
  }
  return { shape, dtype: decoder.dtype, data } as CheckpointTensor;
}
