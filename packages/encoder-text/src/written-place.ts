import type { DocumentPlace } from '@polymodal/core';
import { z } from 'zod';
import type { DocumentPiece } from './tokenizer';

const written = z.string().default('');

/** What is written around the values of a slot in documents, as a model was taught to read it. */
export const surroundings = z.strictObject({
  /** Before each tile of a value that comes in tiles; `{row}` and `{column}` are its place among them, counted from 1. */
  tile: written,
  /** Behind each row of tiles. */
  rowEnd: written,
  /** Behind all tiles. */
  tilesEnd: written,
  /** Before what shows the whole: a value in one piece, or that which follows its tiles. */
  whole: written,
  /** Behind all of a value. */
  end: written,
});

/** {@link surroundings}, parsed. */
export type Surroundings = z.output<typeof surroundings>;

/** What stands at a place of a document: a placeholder for each piece of the value, and the texts around them. */
export function writtenPlace(
  { pieces = onePiece }: Pick<DocumentPlace, 'pieces'>,
  placeholder: string | undefined,
  around: Surroundings = nothing,
): DocumentPiece[] {
  const [rows, columns] = pieces.grid;
  const standing: DocumentPiece[] = [];
  const write = (text: string) => text !== '' && standing.push({ text });
  for (let row = 1; row <= rows; row++) {
    for (let column = 1; column <= columns; column++) {
      write(around.tile.replaceAll('{row}', String(row)).replaceAll('{column}', String(column)));
      standing.push({ placeholder });
    }
    write(around.rowEnd);
  }
  if (rows * columns > 0) write(around.tilesEnd);
  for (let piece = rows * columns; piece < pieces.count; piece++) {
    write(around.whole);
    standing.push({ placeholder });
  }
  write(around.end);
  return standing;
}

const onePiece = { count: 1, grid: [0, 0] } as const;

const nothing = surroundings.parse({});
