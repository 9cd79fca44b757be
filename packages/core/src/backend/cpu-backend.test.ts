import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const require = createRequire(import.meta.url);
const { build } = createRequire(require.resolve('tsup'))('esbuild') as {
  build(options: object): Promise<{ readonly outputFiles: readonly { readonly text: string }[] }>;
};

describe('cpuBackend', () => {
  it('is in a program that is bundled for Node, also if it chooses no backend', async () => {
    const { outputFiles } = await build({
      stdin: { contents: "import './cpu-backend';", resolveDir: fileURLToPath(new URL('.', import.meta.url)) },
      bundle: true,
      platform: 'node',
      format: 'esm',
      conditions: ['@polymodal/source'],
      write: false,
      logLevel: 'error',
    });
    expect(outputFiles[0].text).toMatch(/function MathBackendCPU\d*\(/);
  });
});
