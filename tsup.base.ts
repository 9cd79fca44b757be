import { defineConfig } from 'tsup';

/** The build of every package: one ESM bundle with declarations per entry. */
export function packageBuild(entry: string[] = ['src/index.ts']) {
  return defineConfig({
    entry,
    format: 'esm',
    target: 'node20',
    dts: true,
    clean: true,
    sourcemap: true,
    treeshake: true,
  });
}
