import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError } from '@polymodal/core';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { smallResults } from '../testing/small-results';
import { checkGuide, writeGuideFigures } from './write-guide-figures';

let path: string;
beforeEach(async () => {
  path = join(await mkdtemp(join(tmpdir(), 'guide-')), 'guide.md');
});
afterEach(() => rm(join(path, '..'), { recursive: true }));

const marked = 'Before.\n\n<!-- figures of bench:fusion -->\n\nold\n\n<!-- end of figures -->\n\nBehind.\n';

it('puts tables between the marks, and may do so again', async () => {
  await writeFile(path, marked);
  await writeGuideFigures(path, smallResults);
  const once = await readFile(path, 'utf8');
  expect(once).toMatch(/^Before\.\n\n<!-- figures of bench:fusion -->\n\nBudget `quick`: one seed/);
  expect(once).toContain('| concat | 70.0 % ± 2.0 |');
  expect(once).toContain('| flamingo | 80.0 % | – |'); // what cannot be answered
  expect(once).not.toContain('old');
  expect(once.endsWith('\n\n<!-- end of figures -->\n\nBehind.\n')).toBe(true);
  await writeGuideFigures(path, smallResults);
  expect(await readFile(path, 'utf8')).toBe(once);
});

it('refuses a page without marks, and leaves it as it is', async () => {
  await writeFile(path, 'Mine.');
  await expect(writeGuideFigures(path, smallResults)).rejects.toThrow(ConfigError);
  await expect(checkGuide(path)).rejects.toThrow(ConfigError);
  await expect(checkGuide(`${path}.missing`)).rejects.toThrow(ConfigError);
  expect(await readFile(path, 'utf8')).toBe('Mine.');
});
