import type { OpaquePixels } from '../raw-image';

/** A picture as augmentations have it: bytes of 1 or 3 channels. They make a new one, and leave it as it is. */
export interface BytePixels extends OpaquePixels {
  readonly data: Uint8Array;
}

/** Each byte of a picture replaced by what a table has for it: one of 256 for all channels, or one for each. */
export function throughTable(picture: BytePixels, tables: readonly Uint8Array[]): BytePixels {
  const { channels } = picture;
  const data = picture.data.map((value, at) => tables[tables.length === 1 ? 0 : at % channels][value]);
  return { ...picture, data };
}

/** A table of 256 bytes: what comes out is cut off at 0 and 255, and towards 0. */
export function byteTable(of: (value: number) => number): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, value) => Math.min(Math.max(Math.trunc(of(value)), 0), 255));
}
