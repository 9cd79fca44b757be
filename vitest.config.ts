import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const rooms = [
  ...['packages', 'apps/examples'].flatMap((folder) => readdirSync(folder).map((name) => `${folder}/${name}`)),
  'apps/docs',
  'apps/create-polymodal-plugin',
  'tools/fusion-bench',
  'tools/command',
];

// Tests run against the sources: every package offers them under the condition "@polymodal/source".
const conditions = ['@polymodal/source', 'node', 'import', 'module', 'default'];

const plainJavaScript = fileURLToPath(new URL('packages/core/src/backend/cpu-backend.ts', import.meta.url));

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    // Against a test that never ends; no machine, however loaded, takes so long for one that does.
    testTimeout: 600_000,
    hookTimeout: 600_000,
    maxWorkers: '100%', // of the cores; by default one of them would have nothing to do
    isolate: false, // loading the packages anew for each file took longer than the tests of most; no test may change what others see
    silent: 'passed-only', // what a test prints matters when it fails
    projects: rooms.map((root) => ({
      extends: true,
      root,
      test: {
        name: root.split('/').at(-1),
        include: ['src/**/*.test.ts', 'templates/*/src/**/*.test.ts'],
        // Files are tested one by one, without the entry of core that brings plain JavaScript and gradients.
        setupFiles: [plainJavaScript],
        server: { deps: { external: [/\.generated/] } },
      },
    })),
  },
});
