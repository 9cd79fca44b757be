import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const rooms = [
  ...['packages', 'apps/examples'].flatMap((folder) => readdirSync(folder).map((name) => `${folder}/${name}`)),
  'apps/docs',
  'apps/create-polymodal-plugin',
  'tools/fusion-bench',
  'tools/command',
  'tools/mutate',
];

// Tests run against the sources: every package offers them under the condition "@polymodal/source".
const conditions = ['@polymodal/source', 'node', 'import', 'module', 'default'];

const plainJavaScript = fileURLToPath(new URL('packages/core/src/testing/plain-javascript.ts', import.meta.url));

const common = {
  // Files are tested one by one, without the entry of core that brings plain JavaScript and gradients.
  setupFiles: [plainJavaScript],
  server: { deps: { external: [/\.generated/] } },
};

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    // Against a test that never ends; no machine, however loaded, takes so long for one that does.
    testTimeout: 600_000,
    hookTimeout: 600_000,
    maxWorkers: '100%', // of the cores; by default one of them would have nothing to do
    silent: 'passed-only', // what a test prints matters when it fails
    projects: [
      ...rooms.map((root) => ({
        extends: true as const,
        root,
        test: {
          ...common,
          name: root.split('/').at(-1),
          include: ['src/**/*.test.ts', 'templates/*/src/**/*.test.ts'],
          exclude: ['**/*.alone.test.ts'],
          isolate: false, // loading the packages anew for each file would take longer than the tests of most
        },
      })),
      {
        extends: true as const,
        // What replaces a module has to load all that is built on it itself.
        test: { ...common, name: 'alone', include: ['packages/*/src/**/*.alone.test.ts'] },
      },
    ],
  },
});
