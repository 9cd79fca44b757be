import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Plugin } from '@polymodal/core';
import { expect, it } from 'vitest';
import { workspacePlugins } from './workspace-plugins';

const packages = join(import.meta.dirname, '../../../packages');

it('has every plugin that a package says it brings', async () => {
  const sources = readdirSync(packages).flatMap((folder) => {
    const { polymodal } = JSON.parse(readFileSync(join(packages, folder, 'package.json'), 'utf8'));
    const files: string[] = [polymodal?.plugin ?? []].flat();
    return files.map((file) => join(packages, folder, file.replace('/dist/', '/src/').replace(/\.js$/, '.ts')));
  });
  expect(sources.length).toBeGreaterThan(10);
  const brought = await Promise.all(
    sources.map(async (source): Promise<Plugin> => (await import(pathToFileURL(source).href)).default),
  );
  const byName = (plugins: readonly Plugin[]) => plugins.map(({ name }) => name).sort();
  expect(byName(workspacePlugins)).toEqual(byName(brought));
});
