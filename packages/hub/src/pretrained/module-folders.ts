import { FileFormatError } from '@polymodal/core';
import { isSafeFileName } from '@polymodal/core/node';
import { z } from 'zod';
import { parseJsonFile } from './parse-json-file';

/** `modules.json`: what sentence-transformers runs a text through, one after the other, and the folder of each. */
const modulesFile = z.array(z.looseObject({ type: z.string(), path: z.string() }));

/**
 * The config files in the folders that a `modules.json` names: of pooling, say.
 *
 * @param where how error messages call the folder
 * @throws FileFormatError for a modules.json that is none, or that leads out of its folder
 */
export function moduleConfigNames(modules: Uint8Array, where: string): string[] {
  const paths = parseJsonFile(modules, `${where}/modules.json`, modulesFile).map(({ path }) => path);
  const harmful = paths.find((path) => path !== '' && !isSafeFileName(path));
  if (harmful === undefined) return paths.filter((path) => path !== '').map((path) => `${path}/config.json`);
  const expected = 'the names of folders beside it';
  throw new FileFormatError({ where: `${where}/modules.json`, expected, received: JSON.stringify(harmful) });
}
