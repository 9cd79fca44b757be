import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** Where bundles go: inside this package, so that they find its dependencies. */
const folder = fileURLToPath(new URL('../dist', import.meta.url));

/**
 * Makes one JavaScript file of a TypeScript entry and the packages of this workspace. What compiles TypeScript at run
 * time would count in the memory and the start-up time of our side alone.
 *
 * @returns the path of the file
 */
export async function bundle(entry: URL, name: string): Promise<string> {
  const outfile = join(folder, `${name}.mjs`);
  await build({
    entryPoints: [fileURLToPath(entry)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    conditions: ['@polymodal/source'],
    external: ['@tensorflow/*', 'onnxruntime-node', '@huggingface/transformers', 'sharp'],
    // CommonJS packages within the bundle require Node's modules.
    banner: {
      js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);",
    },
    logLevel: 'error',
  });
  return outfile;
}
