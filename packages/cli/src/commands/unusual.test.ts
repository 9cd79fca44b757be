import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commandLine } from '../testing/command-line';
import { makeShop, tinyConfig } from '../testing/shop';

const shop = makeShop(30);
const polymodal = commandLine(shop.directory);
const path = (name: string) => join(shop.directory, name);

beforeAll(async () => {
  writeFileSync(path('tiny.yaml'), tinyConfig);
  expect(await polymodal('train', 'tiny.yaml')).toMatchObject({ code: 0 });
});
afterAll(() => shop.remove());

describe('parts that a column says', () => {
  it('are joined where they mean the same, and told where they mean nothing', async () => {
    const parts = ['train', 'Train', 'TRAINING', 'val', 'validation', 'dev', 'test', 'extra', 'train'];
    const rows = parts.map((part, row) => `A${row},a jumper,red,${row},${row},${part}`);
    writeFileSync(path('parts.csv'), `sku,title,colour,weight,price,part\n${rows.join('\n')}\n`);
    const own = tinyConfig
      .replace('products.csv', 'parts.csv')
      .replace(/split: .*/, 'split: { column: part }')
      .replace('runs/tiny', 'runs/parts');
    writeFileSync(path('parts.yaml'), own);
    const { code, messages } = await polymodal('train', 'parts.yaml', '--dry-run');
    expect(code).toBe(0);
    expect(messages).toContain('Samples: 4 train, 3 validation, 1 test. In no part that is used: 1 "extra".');
  });
});
