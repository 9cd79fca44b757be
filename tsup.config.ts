import { defineConfig } from 'tsup';

/** The build of every package: one ESM bundle with declarations per entry, which the package's script names. */
export default defineConfig({
  format: 'esm',
  target: 'node20',
  dts: true,
  clean: true,
  sourcemap: true,
  treeshake: true,
});
