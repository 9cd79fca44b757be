/**
 * The colour that the transparent entry of a GIF's palette has, which decoders hide (GIF 89a, sections 18 to 23): of the first
 * picture in the file.
 *
 * @returns [red, green, blue]; undefined where none is transparent, or the file is damaged
 */
export function gifTransparentColour(bytes: Uint8Array): Uint8Array | undefined {
  const globalTable = 13;
  const globalLength = tableLength(bytes[10]);
  let index: number | undefined;
  let at = globalTable + globalLength;
  while (at < bytes.length) {
    if (bytes[at] === imageDescriptor) {
      const localLength = tableLength(bytes[at + 9]);
      const table = localLength > 0 ? at + 10 : globalTable;
      const length = localLength || globalLength;
      if (index === undefined || 3 * index >= length) return undefined;
      return bytes.subarray(table + 3 * index, table + 3 * index + 3);
    }
    if (bytes[at] !== extension) return undefined;
    if (bytes[at + 1] === graphicControl && (bytes[at + 3] & 1) === 1) index = bytes[at + 6];
    at += 2;
    while (bytes[at] > 0) at += 1 + bytes[at]; // the extension's blocks
    at++;
  }
  return undefined;
}

const imageDescriptor = 0x2c;
const extension = 0x21;
const graphicControl = 0xf9;

/** Bytes of the colour table that a packed field announces. */
function tableLength(packed: number): number {
  return packed & 0x80 ? 3 * 2 ** ((packed & 7) + 1) : 0;
}
