import { FileFormatError } from '@polymodal/core';
import { isSafeFileName } from '@polymodal/core/node';
import { z } from 'zod';
import { parseJsonFile } from './parse-json-file';

/** `modules.json`: what sentence-transformers runs a text through, one after the other, and the folder of each. */
const modulesFile = z.array(z.looseObject({ type: z.string(), path: z.string() }));

/**
 * The files in the folders that a `modules.json` names: the configs, of pooling say, and the weights of dense layers.
 *
 * @param where how error messages call the folder
 * @throws FileFormatError for a modules.json that is none, or that leads out of its folder
 */
export function moduleFileNames(modules: Uint8Array, where: string): string[] {
  const folders = parseJsonFile(modules, `${where}/modules.json`, modulesFile);
  const paths = folders.map(({ path }) => path);
  const harmful = paths.find((path) => path !== '' && !isSafeFileName(path));
  if (harmful === undefined) {
    return folders
      .filter(({ path }) => path !== '')
      .flatMap(({ type, path }) => [
        `${path}/config.json`,
        ...(/\.Dense$/.test(type) ? [`${path}/model.safetensors`] : []),
      ]);
  }
  const expected = 'the names of folders beside it';
  throw new FileFormatError({ where: `${where}/modules.json`, expected, received: JSON.stringify(harmful) });
}
