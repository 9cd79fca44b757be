import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import type { Emoji } from './emoji';

const columns = ['emoji', 'name', 'keywords', 'picture', 'version', 'skin_tones', 'code_points', 'family', 'group'];

/** Pixels a side. */
const pictureSize = 64;

/**
 * Writes `emoji.csv`, as a spreadsheet would, and the pictures beside it as PNG on white. A cell is empty where there is no picture, or no
 * keyword. The table comes last, so that it is there when all is.
 *
 * @returns its path
 */
export async function writeTable(folder: string, emoji: readonly Emoji[]): Promise<string> {
  const pictures = join(folder, 'pictures');
  await mkdir(pictures, { recursive: true });
  const rows: string[] = [];
  for (const own of emoji) {
    const file = own.picture && `pictures/${hexadecimal(own.emoji)}.png`;
    if (file) await drawPicture(own.picture!, join(folder, file));
    const { emoji: sign, name, keywords, version, hasSkinTones, codePoints, family, group } = own;
    const cells = [sign, name, keywords.join(', '), file ?? '', version, hasSkinTones ? 'yes' : 'no', codePoints];
    rows.push([...cells, family, group].map(csvCell).join(','));
  }
  const path = join(folder, 'emoji.csv');
  await writeFile(path, `${columns.join(',')}\n${rows.join('\n')}\n`);
  return path;
}

async function drawPicture(svg: string, path: string): Promise<void> {
  const image = sharp(Buffer.from(svg), { density: 144 }).resize(pictureSize, pictureSize, { fit: 'contain' });
  await image.flatten({ background: '#ffffff' }).png({ palette: true }).toFile(path);
}

function hexadecimal(emoji: string): string {
  return [...emoji].map((character) => character.codePointAt(0)!.toString(16)).join('-');
}

function csvCell(value: string | number): string {
  const text = String(value);
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
