import { FileFormatError } from '../errors';
import { requireArgument } from '../require-argument';
import { headerPrefixLength, parseSafetensorsHeader, safetensorsHeaderLength } from './header';
import type { NamedTensor } from './named-tensor';

/** What {@link decodeSafetensors} reads. */
export interface SafetensorsContent {
  readonly tensors: ReadonlyMap<string, NamedTensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Reads a whole safetensors file of float32 tensors, as Polymodal's own model folders have it. For other types, and for
 * files too large to hold twice, `@polymodal/hub` opens files and reads tensor by tensor.
 *
 * @param where how error messages call the file
 * @throws FileFormatError for a file that is truncated, malformed or of another type, ConfigError for what are no bytes
 */
export function decodeSafetensors(file: Uint8Array, where: string): SafetensorsContent {
  requireArgument(file instanceof Uint8Array, 'decodeSafetensors', 'the bytes of a file', file);
  const dataStart = headerPrefixLength + safetensorsHeaderLength(file, file.length, where);
  const data = file.subarray(dataStart);
  const { entries, metadata } = parseSafetensorsHeader(
    file.subarray(headerPrefixLength, dataStart),
    data.length,
    where,
  );
  const tensors = new Map<string, NamedTensor>();
  for (const [name, { dtype, shape, begin, end }] of entries) {
    if (dtype !== 'F32') {
      throw new FileFormatError({ where: `${where}, tensor "${name}"`, expected: 'dtype F32', received: dtype });
    }
    const bytes = new Uint8Array(data.subarray(begin, end)); // a copy: a Buffer's own slice shares its pool
    tensors.set(name, { shape, data: new Float32Array(bytes.buffer) });
  }
  return { tensors, metadata };
}
