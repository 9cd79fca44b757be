import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { FileFormatError, type RandomKey } from '@polymodal/core';
import { z } from 'zod';

/** Which modality each sample of a test lacks. */
export interface MissingTable {
  readonly slots: readonly string[];
  /** For each sample the place of its missing modality among the slots, or −1. */
  readonly missing: readonly number[];
  /** SHA-256 of both, by which figures of two runs can be told to be of the same table. */
  readonly sha256: string;
}

/** Of a table as it is stored: a character a sample, `.` where nothing is missing. */
const stored = z.strictObject({
  slots: z.array(z.string()).min(1).max(10),
  missing: z.string().regex(/^[.\d]+$/),
  sha256: z.string().length(64),
});

/**
 * Draws which samples lack a modality: exactly the share that is asked for, each modality as often as the others, within one.
 *
 * @param share of samples that lack one
 */
export function drawMissing(slots: readonly string[], samples: number, share: number, key: RandomKey): MissingTable {
  const order = key.shuffle(samples);
  const missing = new Array<number>(samples).fill(-1);
  const count = Math.round(share * samples);
  for (let index = 0; index < count; index++) missing[order[index]] = index % slots.length;
  return { slots, missing, sha256: hashOf(slots, encode(missing)) };
}

/** A table as JSON, to be kept. */
export function formatTable({ slots, missing, sha256 }: MissingTable): string {
  return `${JSON.stringify({ slots, missing: encode(missing), sha256 }, null, 2)}\n`;
}

/** Reads a table that was drawn once. @throws FileFormatError for what is no table, or not as it was drawn */
export async function readMissingTable(path: string): Promise<MissingTable> {
  const text = await readFile(path, 'utf8');
  const table = stored.safeParse(parseJson(text));
  if (!table.success) {
    throw new FileFormatError({ where: path, expected: 'a table of missing modalities', received: 'something else' });
  }
  const { slots, missing, sha256 } = table.data;
  const hash = hashOf(slots, missing);
  if (hash !== sha256) {
    throw new FileFormatError({
      where: path,
      expected: `a table with the checksum ${sha256}`,
      received: hash,
      hint: 'It was changed since it was drawn: restore it, since figures of other tables do not compare.',
    });
  }
  return { slots, missing: [...missing].map((place) => (place === '.' ? -1 : Number(place))), sha256 };
}

function encode(missing: readonly number[]): string {
  return missing.map((place) => (place < 0 ? '.' : String(place))).join('');
}

function hashOf(slots: readonly string[], missing: string): string {
  return createHash('sha256')
    .update(JSON.stringify([slots, missing]))
    .digest('hex');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
