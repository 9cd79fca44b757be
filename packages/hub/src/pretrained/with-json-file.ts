import { z } from 'zod';
import { parseJsonFile } from './parse-json-file';

/**
 * The files beside a model's weights, with options set in one of them, which need not have been there. For an `Adjustment`.
 *
 * @throws FileFormatError for a file of that name that is no object of JSON
 */
export function withJsonFile(
  contents: ReadonlyMap<string, Uint8Array>,
  name: string,
  options: Readonly<Record<string, unknown>>,
): Map<string, Uint8Array> {
  const before = contents.get(name);
  const content = before ? parseJsonFile(before, name, z.looseObject({})) : {};
  const json = JSON.stringify({ ...content, ...options }, null, 2);
  return new Map(contents).set(name, new TextEncoder().encode(`${json}\n`));
}
