import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { smallResults } from '../testing/small-results';
import { writeFusionReport } from './write-fusion-report';

it('the report needs nothing else, and has a dot, a curve and a line of each table for every method', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'fusion-report-'));
  try {
    await writeFusionReport(join(folder, 'report.html'), smallResults);
    const page = await readFile(join(folder, 'report.html'), 'utf8');
    expect(page).not.toMatch(/<script|https?:|NaN|undefined/);
    expect(page).toContain('a &lt;processor>');
    expect(page.match(/<circle/g)).toHaveLength(2);
    expect(page).toContain('<title>flamingo</title>');
    for (const heading of ['what it costs', 'every subset', 'noise', 'what is looked at', 'Controls'])
      expect(page).toContain(heading);
    expect(page).toContain('>96.0 %</span>');
  } finally {
    await rm(folder, { recursive: true });
  }
});
