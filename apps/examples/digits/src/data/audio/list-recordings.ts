import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError, FileFormatError } from '@polymodal/core';

const namePattern = /^(?<digit>\d)_(?<speaker>[^_]+)_(?<take>\d+)\.wav$/i;

/** How many names an error message lists at most. */
const listed = 5;

/** A recording on disk, `{digit}_{speaker}_{take}.wav`. */
export interface Recording {
  readonly file: string;
  readonly digit: number;
  readonly speaker: string;
  readonly take: number;
}

/**
 * Lists the recordings of a folder. Files that are no WAV are none of them.
 *
 * @throws ConfigError for a folder that is not there or holds no WAV file, FileFormatError for WAV files whose names do
 *   not fit
 */
export async function listRecordings(folder: string): Promise<Recording[]> {
  const names = await wavFiles(folder);
  const parsed = names.map((name) => ({ name, recording: parseName(folder, name) }));
  const misnamed = parsed.flatMap(({ name, recording }) => (recording ? [] : [name]));
  if (misnamed.length > 0) throw badNames(folder, misnamed, names.length);
  return parsed.flatMap(({ recording }) => recording ?? []);
}

async function wavFiles(folder: string): Promise<string[]> {
  let names: string[];
  try {
    names = (await readdir(folder)).filter((name) => name.toLowerCase().endsWith('.wav')).sort();
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const reasons: Record<string, string> = { ENOENT: 'which does not exist', ENOTDIR: 'which is a file' };
    const reason = reasons[code ?? ''] ?? `which cannot be read: ${message}`;
    throw new ConfigError({
      where: '--speech',
      expected: 'a folder of recordings',
      received: `"${folder}", ${reason}`,
      cause,
    });
  }
  if (names.length > 0) return names;
  throw new ConfigError({
    where: '--speech',
    expected: 'a folder of recordings named {digit}_{speaker}_{take}.wav',
    received: `"${folder}" without a WAV file`,
  });
}

function parseName(folder: string, name: string): Recording | undefined {
  const groups = namePattern.exec(name)?.groups;
  return (
    groups && {
      file: join(folder, name),
      digit: Number(groups.digit),
      speaker: groups.speaker,
      take: Number(groups.take),
    }
  );
}

function badNames(folder: string, names: readonly string[], total: number): FileFormatError {
  const shown = names.slice(0, listed).map((name) => `"${name}"`);
  const more = names.length > listed ? ` and ${names.length - listed} more` : '';
  return new FileFormatError({
    where: `--speech ${folder}`,
    expected: 'names like 7_jackson_12.wav: {digit}_{speaker}_{take}.wav, the speaker without "_"',
    received: `${names.length} of ${total} WAV files with other names: ${shown.join(', ')}${more}`,
    hint: 'Rename them or move them out of the folder.',
  });
}
