import { FileFormatError, PolymodalError, parseConfig } from '@polymodal/core';
import type { z } from 'zod';

/**
 * Reads the content of a JSON file and checks it against a schema.
 *
 * @param path how error messages call the file
 * @throws FileFormatError for a file that is no JSON or of another shape
 */
export function parseJsonFile<Schema extends z.ZodType>(
  content: Uint8Array,
  path: string,
  schema: Schema,
): z.output<Schema> {
  try {
    return parseConfig(schema, parseJson(new TextDecoder('utf-8', { fatal: true }).decode(content)), '');
  } catch (cause) {
    if (!PolymodalError.isInstance(cause)) {
      const received = cause instanceof Error ? cause.message : String(cause);
      throw new FileFormatError({ where: path, expected: 'a JSON file', received, cause });
    }
    const { where, expected, received } = cause;
    throw new FileFormatError({ where: where ? `${path}, ${where}` : path, expected, received, cause });
  }
}

/** Python writes infinities into JSON, and reads them there (`time_step_limit` of Mamba 2, say). */
function parseJson(text: string): unknown {
  try {
    return parsed(text);
  } catch (error) {
    if (!text.includes('Infinity')) throw error;
    const beyondRange = text.replace(/"(?:[^"\\]|\\.)*"|Infinity/g, (part) => (part === 'Infinity' ? '1e999' : part));
    return parsed(beyondRange);
  }
}

/** Without what would be no more than a key in Python, and is refused in configs of ours. */
function parsed(text: string): unknown {
  if (!text.includes('"__proto__"')) return JSON.parse(text);
  return JSON.parse(text, (key, value: unknown) => (key === '__proto__' ? undefined : value));
}
