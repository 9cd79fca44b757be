import { readdirSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

const rooms = [
  ...['packages', 'apps/examples'].flatMap((folder) => readdirSync(folder).map((name) => `${folder}/${name}`)),
  'apps/docs',
];

// Tests run against the sources: every package offers them under the condition "@polymodal/source".
const conditions = ['@polymodal/source', 'node', 'import', 'module', 'default'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    testTimeout: 30_000,
    silent: 'passed-only', // what a test prints matters when it fails
    projects: rooms.map((root) => ({
      extends: true,
      root,
      test: { name: root.split('/').at(-1), include: ['src/**/*.test.ts'] },
    })),
  },
});
