import { createHash } from 'node:crypto';
import { FileFormatError } from '@polymodal/core';

const hint = 'Put the file back from a copy, or name another directory.';

/** A value as JSON, with a checksum of the rest under `sha256`: {@link openSealedJson} notices any change. */
export function sealJson(value: object): string {
  return `${JSON.stringify({ ...value, sha256: checksum(value) }, null, 2)}\n`;
}

/**
 * The value that {@link sealJson} made a text of.
 *
 * @param where how error messages call the text
 * @throws FileFormatError for anything else
 */
export function openSealedJson(text: string, where: string): Readonly<Record<string, unknown>> {
  const { sha256, ...value } = parseRecord(text, where);
  if (sha256 === checksum(value)) return value;
  throw new FileFormatError({
    where,
    expected: 'content with the checksum that it states',
    received: sha256 === undefined ? 'none' : 'content that has been changed, or damaged',
    hint,
  });
}

function parseRecord(text: string, where: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // said below
  }
  const received = text === '' ? 'an empty file' : 'something else';
  throw new FileFormatError({ where, expected: 'a JSON object', received, hint });
}

function checksum(value: object): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}
