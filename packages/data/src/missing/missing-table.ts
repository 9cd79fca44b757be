import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { ConfigError, FileFormatError, isPath, parseConfig, type RandomKey, requireArgument } from '@polymodal/core';
import { readRegularFile } from '@polymodal/core/files';
import { replaceFile } from '@polymodal/core/node';
import { z } from 'zod';

/** Which modality each sample of a set lacks. */
export interface MissingTable {
  readonly slots: readonly string[];
  /** For each sample the place of its missing modality among the slots, or −1. */
  readonly missing: readonly number[];
  /** SHA-256 of both, by which figures of two runs can be told to be of the same table. */
  readonly sha256: string;
}

/** A slot is one digit in a file. */
const mostSlots = 10;
const mostSamples = 2 ** 24;
const mostBytes = 2 ** 25;

const drawing = z.strictObject({
  slots: z.array(z.string().min(1)).min(1).max(mostSlots),
  samples: z.int().positive().max(mostSamples),
  share: z.number().min(0).max(1),
});

/**
 * Draws which samples lack a modality: exactly the share that is asked for, each modality as often as the others, within one. Figures on
 * missing modalities compare where the same samples lack the same, so it is drawn once and stored (Lee et al. 2023, "Multimodal Prompting
 * with Missing Modalities").
 *
 * ```ts
 * const table = drawMissingTable(['image', 'text'], test.length, 0.7, RandomKey.from(0));
 * await saveMissingTable('test.missing.json', table);
 * await evaluate(model, withMissing(test, table));
 * ```
 *
 * @param slots those that may be missing: of a single one, all that is missing is of it
 * @param share of samples that lack one
 * @throws ConfigError for no slot, more than ten, or one twice, and for a share that is none
 */
export function drawMissingTable(
  slots: readonly string[],
  samples: number,
  share: number,
  key: RandomKey,
): MissingTable {
  parseConfig(drawing, { slots, samples, share }, 'drawMissingTable');
  requireArgument(new Set(slots).size === slots.length, 'drawMissingTable, slots', 'different names', slots);
  const order = key.shuffle(samples);
  const missing = new Array<number>(samples).fill(-1);
  const count = Math.round(share * samples);
  for (let index = 0; index < count; index++) missing[order[index]] = index % slots.length;
  return { slots, missing, sha256: hashOf(slots, encode(missing)) };
}

/**
 * Keeps a table as JSON. One that is there stays, since figures of other tables do not compare.
 *
 * @throws ConfigError for a path where there is another table; FileFormatError where there is something else
 * @throws StorageError if the file system refuses
 */
export async function saveMissingTable(path: string, { slots, missing, sha256 }: MissingTable): Promise<void> {
  requireArgument(isPath(path), 'saveMissingTable', 'the path of a file', path);
  if (existsSync(path)) {
    const known = await readMissingTable(path);
    if (known.sha256 === sha256) return;
    throw new ConfigError({
      where: path,
      expected: 'no file, or the same table',
      received: `one with the checksum ${known.sha256}`,
      hint: 'Use it (readMissingTable), or name another file.',
    });
  }
  await replaceFile(path, `${JSON.stringify({ slots, missing: encode(missing), sha256 }, null, 2)}\n`);
}

/** Of a table as it is stored: a character a sample, `.` where nothing is missing. */
const stored = z.strictObject({
  slots: drawing.shape.slots,
  missing: z.string().regex(/^[.\d]+$/),
  sha256: z.string().length(64),
});

/** Reads a table that was drawn once. @throws FileFormatError for what is no table, or not as it was drawn */
export async function readMissingTable(path: string): Promise<MissingTable> {
  requireArgument(isPath(path), 'readMissingTable', 'the path of a file', path);
  const text = new TextDecoder().decode(await readRegularFile(path, { maxBytes: mostBytes }));
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
