import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Guide, readGuide } from './read-guide';

/** The folder that they stand in. */
export const guidesFolder = fileURLToPath(new URL('..', import.meta.url));

/** The code of all guides that have any, by name. Commands are run where the command is tested. */
export const guides: ReadonlyMap<string, Guide> = new Map(
  readdirSync(guidesFolder)
    .filter((file) => file.endsWith('.md') && file !== 'README.md')
    .map((file) => [file.slice(0, -'.md'.length), readGuide(readFileSync(join(guidesFolder, file), 'utf8'))] as const)
    .filter(([, { files }]) => Object.keys(files).length > 0),
);
