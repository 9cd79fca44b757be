import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const require = createRequire(import.meta.url);
const { build } = createRequire(require.resolve('tsup'))('esbuild') as {
  build(options: object): Promise<{ readonly outputFiles: readonly { readonly text: string }[] }>;
};

describe('a program that is bundled for Node', () => {
  it('has the backend that kernels fall back on', async () => {
    const { outputFiles } = await build({
      stdin: {
        contents: "import { registerOnnxBackend } from '.'; registerOnnxBackend();",
        resolveDir: fileURLToPath(new URL('.', import.meta.url)),
        loader: 'ts',
      },
      bundle: true,
      platform: 'node',
      format: 'esm',
      conditions: ['@polymodal/source'],
      external: ['onnxruntime-node'],
      write: false,
      logLevel: 'error',
    });
    expect(outputFiles[0].text).toMatch(/function MathBackendCPU\d*\(/);
  });
});
