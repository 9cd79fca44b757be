import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { ConfigError, FileFormatError, isPath, parseConfig, requireArgument } from '@polymodal/core';
import { readRegularFile } from '@polymodal/core/files';
import { replaceFile } from '@polymodal/core/node';
import { z } from 'zod';
import { Split, type SplitEntry } from './split';

/** As long as a string may be. */
const mostBytes = 2 ** 29 - 2 ** 10;

const header = z.strictObject({
  kind: z.literal('polymodal split'),
  version: z.literal(1),
  recipe: z.strictObject({
    shares: z.record(z.string(), z.number()).optional(),
    column: z.string().optional(),
    groupBy: z.string().optional(),
    stratify: z.array(z.string()),
    seed: z.int(),
  }),
  /** Of the lines behind this one. */
  sha256: z.string(),
});

const entry = z.union([z.tuple([z.string(), z.string()]), z.tuple([z.string(), z.string(), z.string()])]);

/**
 * Writes a split to a file: a line of JSON that says how it was made, with a checksum, and one for each sample. It replaces no file but one with
 * the same split in it, or with a part of it.
 *
 * @throws ConfigError for a path where there is another file, or another split
 * @throws StorageError if the file system refuses
 */
export async function saveSplit(path: string, split: Split): Promise<void> {
  requireArgument(isPath(path), 'saveSplit', 'the path of a file', path);
  if (existsSync(path)) requireGrown(await readSplit(path), split, path);
  const lines = [...split.entries]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([id, { part, group }]) => `${JSON.stringify(group === undefined ? [id, part] : [id, part, group])}\n`);
  const body = lines.join('');
  const { recipe, counts } = split;
  const first = { kind: 'polymodal split', version: 1, recipe, counts, sha256: checksum(body) };
  await replaceFile(path, `${JSON.stringify(first)}\n${body}`);
}

/**
 * Reads a split that `saveSplit` wrote.
 *
 * @throws FileFormatError for a file that is none, or was changed since
 * @throws StorageError for a file that cannot be read
 */
export async function readSplit(path: string): Promise<Split> {
  requireArgument(isPath(path), 'readSplit', 'the path of a file', path);
  const text = Buffer.from(await readRegularFile(path, { maxBytes: mostBytes })).toString();
  const end = text.indexOf('\n') + 1;
  try {
    const { counts, ...first } = JSON.parse(text.slice(0, end)); // counts are compared as they are: a part may be called "__proto__"
    const { recipe, sha256 } = parseConfig(header, first, '');
    if (checksum(text.slice(end)) !== sha256) throw new TypeError('other lines than were written');
    const lines = text.slice(end).split('\n').filter(Boolean);
    const entries = lines.map((line): readonly [string, SplitEntry] => {
      const [id, part, group] = entry.parse(JSON.parse(line));
      return [id, { part, ...(group !== undefined && { group }) }];
    });
    const split = new Split(recipe, new Map(entries));
    if (!isDeepStrictEqual(counts, split.counts)) throw new TypeError('other counts');
    return split;
  } catch (cause) {
    throw new FileFormatError({
      where: path,
      expected: 'a split as it was saved',
      received: `something else: ${(cause as Error).message}`,
      hint: 'Make it anew with splitManifest, or restore the file.',
      cause,
    });
  }
}

/** A split may replace one whose samples it leaves where they are. */
function requireGrown(old: Split, split: Split, path: string): void {
  const moved = [...old.entries].find(([id, { part }]) => split.entries.get(id)?.part !== part);
  if (moved === undefined) return;
  throw new ConfigError({
    where: path,
    expected: 'no file, or a split that this one goes on from',
    received: `another split, in which "${moved[0]}" is in "${moved[1].part}"`,
    hint: 'Use it (readSplit), or name another file.',
  });
}

function checksum(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
