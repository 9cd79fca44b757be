import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { earlierMethods } from './earlier-methods';

it('keeps what was measured in the same way, and has what it should', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'earlier-'));
  try {
    const path = join(folder, 'results.json');
    const figures = z.object({ right: z.number() });
    const of = (how: Record<string, unknown>) => earlierMethods(path, { how, figures });
    expect(await of({ seed: 0 })).toEqual({});
    const methods = { film: { right: 9 }, late: { wrong: 1 } };
    await writeFile(path, JSON.stringify({ seed: 0, tags: ['en'], seconds: 5, methods }));
    expect(await of({ seed: 0, tags: ['en'] })).toEqual({ film: { right: 9 } });
    expect(await of({ seed: 1, tags: ['en'] })).toEqual({});
    expect(await of({ seed: 0, tags: ['en', 'de'] })).toEqual({});
    expect(await of({ seed: 0, epochs: 4 })).toEqual({}); // an older version did not say
  } finally {
    await rm(folder, { recursive: true });
  }
});
