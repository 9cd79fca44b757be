import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Bundles the suite with TensorFlow.js and the ONNX backend into one CommonJS file; returns its path. */
export async function bundleSuite(): Promise<string> {
  const outfile = join(root, 'dist', 'suite.cjs');
  await build({
    entryPoints: [join(root, 'src', 'suite.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    conditions: ['@polymodal/source'],
    mainFields: ['module', 'main'],
    keepNames: true,
    // TensorFlow.js declares its test files to be without side effects: they would not be bundled at all.
    ignoreAnnotations: true,
    // The backend finds onnxruntime-node from its own place, which CommonJS does not know under this name.
    define: { 'import.meta.url': 'bundleUrl' },
    banner: { js: "const bundleUrl = require('node:url').pathToFileURL(__filename).href;" },
    external: ['jasmine-core', 'onnxruntime-node'],
    logLevel: 'error',
  });
  return outfile;
}
