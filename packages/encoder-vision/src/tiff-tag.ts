/**
 * A number in the first directory of a TIFF (TIFF 6.0, section 2) or BigTIFF file.
 *
 * @returns undefined where the tag is missing or holds something else than one integer of up to 32 bits
 */
export function tiffTag(bytes: Uint8Array, tag: number): number | undefined {
  const littleEndian = bytes[0] === 0x49; // "II"
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const short = (at: number) => view.getUint16(at, littleEndian);
  const isBig = bytes.length >= 16 && short(2) === 43;
  const long = (at: number) => (isBig ? Number(view.getBigUint64(at, littleEndian)) : view.getUint32(at, littleEndian));
  const [countBytes, entryBytes, valueAt] = isBig ? [8, 20, 12] : [2, 12, 8];
  const directory = bytes.length >= 16 ? long(isBig ? 8 : 4) : bytes.length;
  if (directory + countBytes > bytes.length) return undefined;
  const count = isBig ? long(directory) : short(directory);
  for (let at = directory + countBytes, entry = 0; entry < count && at + entryBytes <= bytes.length; entry++) {
    if (short(at) === tag)
      return short(at + 2) === 3 ? short(at + valueAt) : view.getUint32(at + valueAt, littleEndian);
    at += entryBytes;
  }
  return undefined;
}
