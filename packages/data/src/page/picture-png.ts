import type { Cell } from '@polymodal/trainer';
import sharp from 'sharp';

/** Pixels side by side, rows from top to bottom. */
export interface RawPixels {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 2 | 3 | 4;
}

/** Pixels as a PNG file. */
export async function picturePng({ data, width, height, channels }: RawPixels): Promise<Uint8Array> {
  const picture = sharp(data, { raw: { width, height, channels } });
  return new Uint8Array(await picture.png().toBuffer());
}

/** A PNG file in a cell of a table. */
export function pngCell(png: Uint8Array, style?: string): Cell {
  const source = `data:image/png;base64,${Buffer.from(png).toString('base64')}`;
  return { html: `<img alt="" src="${source}"${style === undefined ? '' : ` style="${style}"`}>` };
}
