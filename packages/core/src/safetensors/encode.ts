import { ShapeError } from '../errors';
import { requireArgument } from '../require-argument';
import { encodeSafetensorsHeader } from './encode-header';
import type { NamedTensor } from './named-tensor';

/**
 * Writes float32 tensors in the safetensors format (huggingface/safetensors), in the order of their names.
 *
 * @throws ShapeError for data that do not fit their shape
 */
export function encodeSafetensors(
  tensors: ReadonlyMap<string, NamedTensor>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  requireArgument(tensors instanceof Map, 'encodeSafetensors', 'a Map of tensors by their names', tensors);
  const inOrder = [...tensors].sort(([a], [b]) => (a < b ? -1 : 1));
  const header = encodeSafetensorsHeader(
    inOrder.map(([name, { shape }]) => ({ name, dtype: 'F32', shape })),
    metadata,
  );
  const dataLength = inOrder.reduce((total, [, { data }]) => total + data.byteLength, 0);
  const file = new Uint8Array(header.length + dataLength);
  file.set(header);
  let position = header.length;
  for (const [name, { shape, data }] of inOrder) {
    const size = shape.reduce((product, length) => product * length, 1);
    if (data.length !== size) {
      throw new ShapeError({ where: name, expected: `${size} values for [${shape}]`, received: `${data.length}` });
    }
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), position);
    position += data.byteLength;
  }
  return file;
}
