import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig, mergeConfig } from 'vitest/config';
import rooms from '../../vitest.config';
import type { Seed } from './src/run-tests';

const seed: Seed | undefined = process.env.MUTANT ? JSON.parse(process.env.MUTANT) : undefined;

/** The workspace's tests, over sources of which one has a fault: it is put in as the file is loaded, and no file is changed. */
export default mergeConfig(
  rooms,
  defineConfig({
    root: fileURLToPath(new URL('../..', import.meta.url)),
    plugins: [
      {
        name: 'mutant',
        enforce: 'pre',
        transform(code, id) {
          if (seed === undefined || id.split('?')[0] !== seed.file) return undefined;
          writeFileSync(seed.witness, '');
          return code.replace(seed.find, () => seed.replace);
        },
      },
    ],
  }),
);
