import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** Bundles the program with core and nn into those folders that exist; backends are found where it then lies. */
export async function bundleProgram(folders: readonly string[]): Promise<void> {
  for (const folder of folders.filter(existsSync)) {
    await build({
      entryPoints: [join(dirname(fileURLToPath(import.meta.url)), 'program.ts')],
      outfile: join(folder, 'program.mjs'),
      bundle: true,
      platform: 'node',
      format: 'esm',
      conditions: ['@polymodal/source'],
      external: ['@tensorflow/*'],
      logLevel: 'error',
    });
  }
}
