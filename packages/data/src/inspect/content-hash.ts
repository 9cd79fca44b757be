import { createHash } from 'node:crypto';
import { readRegularFile } from '@polymodal/core/files';

/** A file of a sample. */
const mostBytes = 2 ** 31;

/** Short texts are equal by chance; what is longer was copied. */
const shortestCopy = 32;

/** What a value is known by, and whether another with the same content is a copy of it. */
export interface ContentHash {
  readonly sha256: string;
  readonly isTelling: boolean;
  /** In bytes, of a file. */
  readonly bytes?: number;
}

/**
 * The checksum of what a value holds: of a file its content, whatever it is called.
 *
 * @param isFile whether a text is the path of a file
 * @throws FileFormatError, StorageError for a file that cannot be read
 */
export async function contentHash(value: unknown, isFile: boolean): Promise<ContentHash> {
  if (isFile && (typeof value === 'string' || value instanceof Uint8Array)) {
    const content = typeof value === 'string' ? await readRegularFile(value, { maxBytes: mostBytes }) : value;
    return { sha256: digest(content), isTelling: true, bytes: content.length };
  }
  if (isFile && Array.isArray(value)) {
    const parts = await Promise.all(value.map((part) => contentHash(part, true)));
    const bytes = parts.reduce((sum, own) => sum + (own.bytes ?? 0), 0);
    return { sha256: digest(parts.map(({ sha256 }) => sha256).join()), isTelling: true, bytes };
  }
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  return { sha256: digest(text), isTelling: typeof value === 'string' && text.length >= shortestCopy };
}

/** 128 bits of SHA-256. */
function digest(content: Uint8Array | string): string {
  return createHash('sha256').update(content).digest('hex').slice(0, 32);
}
