import { ConfigError } from '../errors';
import { type SafetensorsDtype, safetensorsByteLength } from './dtype';
import { headerPrefixLength, longestHeader } from './header';

/** A tensor that is to be written. */
export interface TensorToWrite {
  readonly name: string;
  readonly dtype: SafetensorsDtype;
  readonly shape: readonly number[];
}

/**
 * The beginning of a safetensors file, after which the data of `tensors` follow one another in the given order: the
 * header's length in eight bytes and the header, padded with spaces so that the data begin at a multiple of eight.
 *
 * @throws ConfigError for a name, shape or number of tensors that the format cannot hold
 */
export function encodeSafetensorsHeader(
  tensors: readonly TensorToWrite[],
  metadata: Readonly<Record<string, string>>,
): Uint8Array<ArrayBuffer> {
  const json = new TextEncoder().encode(headerText(tensors, metadata));
  const padded = Math.ceil(json.length / 8) * 8;
  if (padded > longestHeader) {
    throw new ConfigError({ where: 'header', expected: `at most ${longestHeader} bytes`, received: `${padded}` });
  }
  const bytes = new Uint8Array(headerPrefixLength + padded).fill(0x20);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(padded), true);
  bytes.set(json, headerPrefixLength);
  return bytes;
}

/** Put together by hand: as keys of an object, names such as "__proto__" and "1" would be lost or change places. */
function headerText(tensors: readonly TensorToWrite[], metadata: Readonly<Record<string, string>>): string {
  for (const text of Object.entries(metadata).flat()) requireWholeCharacters(text, 'metadata');
  const parts = Object.keys(metadata).length > 0 ? [`"__metadata__":${JSON.stringify(metadata)}`] : [];
  const names = new Set(['__metadata__']);
  let offset = 0;
  for (const { name, dtype, shape } of tensors) {
    requireWholeCharacters(name, 'name of a tensor');
    if (names.has(name)) {
      throw new ConfigError({
        where: 'tensors',
        expected: 'every name once, not "__metadata__"',
        received: `"${name}"`,
      });
    }
    names.add(name);
    const bytes = safetensorsByteLength(dtype, shape);
    if (bytes === undefined) {
      throw new ConfigError({ where: `tensor "${name}"`, expected: 'whole bytes', received: `${dtype} [${shape}]` });
    }
    const fields = { dtype, shape, data_offsets: [offset, offset + bytes] };
    parts.push(`${JSON.stringify(name)}:${JSON.stringify(fields)}`);
    offset += bytes;
  }
  return `{${parts.join(',')}}`;
}

/** Half a surrogate pair has no place in UTF-8. */
function requireWholeCharacters(text: string, where: string): void {
  if (!/\p{Surrogate}/u.test(text)) return;
  throw new ConfigError({ where, expected: 'text of whole characters', received: JSON.stringify(text) });
}
