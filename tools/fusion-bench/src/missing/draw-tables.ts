// Draws the tables of missing modalities, once: node tools/run.mjs tools/fusion-bench/src/missing/draw-tables.ts
// A table that is there stays, since figures of other tables do not compare.
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { RandomKey } from '@polymodal/core';
import { drawMissingTable, saveMissingTable } from '@polymodal/data';
import { tablePath } from './stored-tables';

const share = 0.7;
const tables = {
  digits: { slots: ['image', 'audio', 'text'], samples: 500 },
  'sort-of-clevr': { slots: ['scene', 'question'], samples: 1000 },
};

for (const [task, { slots, samples }] of Object.entries(tables)) {
  const path = tablePath(task);
  if (existsSync(path)) continue;
  await mkdir(dirname(path), { recursive: true });
  await saveMissingTable(path, drawMissingTable(slots, samples, share, RandomKey.from(0).fold(task)));
  console.log(path);
}
