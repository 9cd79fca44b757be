import { writeFileSync } from 'node:fs';
import { defineConfig, mergeConfig } from 'vitest/config';
import rooms from './vitest.config';

/** What `tools/mutate` asks to be put into a source as it is loaded, so that no file is changed. */
const seed: { file: string; find: string; replace: string; witness: string } | undefined =
  process.env.MUTANT && JSON.parse(process.env.MUTANT);

/** The workspace's tests, over sources of which one has a fault. */
export default mergeConfig(
  rooms,
  defineConfig({
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
