import { readFileSync } from 'node:fs';
import { z } from 'zod';

const manifest = z.object({ version: z.string() });

/** That of this package: package.json lies above the bundle, and in the workspace above `src`. */
export const version = manifest.parse(JSON.parse(readFileSync(packageFile(), 'utf8'))).version;

function packageFile(): URL {
  const isBundle = !import.meta.url.includes('/src/');
  return new URL(isBundle ? '../package.json' : '../../package.json', import.meta.url);
}
