import { readFileSync } from 'node:fs';

/** That of this package: package.json lies above the bundle, and in the workspace above `src`. */
export const version = (JSON.parse(readFileSync(packageFile(), 'utf8')) as { readonly version: string }).version;

function packageFile(): URL {
  const isBundle = !import.meta.url.includes('/src/');
  return new URL(isBundle ? '../package.json' : '../../package.json', import.meta.url);
}
