/** Formats that are read. */
export type ImageFormat = 'PNG' | 'JPEG' | 'WebP' | 'GIF' | 'TIFF' | 'AVIF' | 'SVG';

/**
 * Tells the format of a picture by its first bytes, whatever the file is called.
 *
 * @returns the format; the name of one that is not read; undefined for bytes of no format that is known
 */
export function imageFormat(
  bytes: Uint8Array,
): { readonly format: ImageFormat } | { readonly other: string } | undefined {
  const stands = ([offset, text]: readonly [number, string, ...unknown[]]) => standsAt(bytes, offset, text);
  const known = signatures.find(stands);
  if (known) return known.length === 4 && !standsAt(bytes, 8, known[3]) ? { other: 'RIFF' } : { format: known[2] };
  const other = otherSignatures.find(stands);
  if (other) return { other: other[2] };
  return isSvg(bytes) ? { format: 'SVG' } : undefined;
}

/** [offset, what stands there, format, what stands at 8] */
const signatures: readonly (readonly [number, string, ImageFormat] | readonly [number, string, ImageFormat, string])[] =
  [
    [0, '\x89PNG\r\n\x1a\n', 'PNG'],
    [0, '\xff\xd8\xff', 'JPEG'],
    [0, 'RIFF', 'WebP', 'WEBP'],
    [0, 'GIF87a', 'GIF'],
    [0, 'GIF89a', 'GIF'],
    [0, 'II*\0', 'TIFF'],
    [0, 'MM\0*', 'TIFF'],
    [0, 'II+\0', 'TIFF'],
    [0, 'MM\0+', 'TIFF'],
    [4, 'ftypavif', 'AVIF'],
    [4, 'ftypavis', 'AVIF'],
  ];

const otherSignatures: readonly (readonly [offset: number, id: string, name: string])[] = [
  [0, 'BM', 'BMP'],
  [0, '\0\0\x02\0\0\0\0\0', 'TGA'],
  [0, '\0\0\x0a\0\0\0\0\0', 'TGA'],
  [0, '\0\0\x01\0', 'ICO'],
  [0, '\0\0\x02\0', 'CUR'],
  [0, '\0\0\0\x0cjP  ', 'JPEG 2000 (JP2)'],
  [0, '\xff\x4f\xff\x51', 'JPEG 2000 (J2K)'],
  [0, '\xff\x0a', 'JPEG XL'],
  [0, '\0\0\0\x0cJXL ', 'JPEG XL'],
  ...['heic', 'heix', 'hevc', 'heim', 'heis', 'mif1', 'msf1'].map((brand) => [4, `ftyp${brand}`, 'HEIC'] as const),
  [4, 'ftypcrx ', 'CR3'],
  [4, 'ftyp', 'MP4'],
  [0, '8BPS', 'PSD'],
  [0, '%PDF', 'PDF'],
  [0, '%!PS', 'PostScript'],
  [0, '\xc5\xd0\xd3\xc6', 'EPS'],
  [0, 'v/1\x01', 'OpenEXR'],
  [0, '#?RADIANCE', 'Radiance HDR'],
  [0, 'DDS ', 'DDS'],
  [0, 'qoif', 'QOI'],
  [0, 'icns', 'ICNS'],
  [0, 'SIMPLE  =', 'FITS'],
  [0, 'gimp xcf', 'XCF'],
  [0, '\x0a\x05\x01', 'PCX'],
  [0, '\x01\xda', 'SGI'],
  [0, '\xd7\xcd\xc6\x9a', 'WMF'],
  ...['P1', 'P2', 'P3', 'P4', 'P5', 'P6', 'P7', 'Pf', 'PF'].flatMap((id) =>
    ['\n', ' ', '\r'].map((space) => [0, id + space, 'PNM'] as const),
  ),
  [0, '\x1f\x8b', 'gzip'],
  [0, 'PK\x03\x04', 'ZIP'],
  [0, 'Rar!', 'RAR'],
];

/** An SVG is XML, of one or two bytes a letter, whose root may stand behind a declaration and comments. */
function isSvg(bytes: Uint8Array): boolean {
  const letters = new TextDecoder('latin1').decode(bytes.subarray(0, 4096).filter((byte) => byte !== 0));
  return /^(ï»¿|ÿþ|þÿ)?\s*<(\?xml|!|svg)/.test(letters) && letters.includes('<svg');
}

function standsAt(bytes: Uint8Array, start: number, text: string): boolean {
  if (start + text.length > bytes.length) return false;
  for (let i = 0; i < text.length; i++) if (bytes[start + i] !== text.charCodeAt(i)) return false;
  return true;
}
