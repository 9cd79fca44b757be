import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder with `products.csv`: a title and a colour that some rows lack, a weight, and a price that follows from them. */
export function makeShop(rows = 40): { readonly directory: string; remove(): void } {
  const directory = mkdtempSync(join(tmpdir(), 'polymodal-cli-'));
  writeFileSync(join(directory, 'products.csv'), `sku,title,colour,weight,price\n${productRows(rows)}`);
  return { directory, remove: () => rmSync(directory, { recursive: true, force: true }) };
}

function productRows(count: number): string {
  const colours = ['red', 'green', 'blue'];
  const rows = Array.from({ length: count }, (_, row) => {
    const weight = 1 + ((row * 7) % 11) / 2;
    const colour = row % 5 === 0 ? '' : colours[row % 3];
    const title =
      row % 4 === 0 ? '' : `a ${colours[row % 3]} jumper of ${'very '.repeat(row % 3)}warm wool number ${row}`;
    return `A${row},${title},${colour},${weight},${(3 * weight + (row % 3)).toFixed(2)}\n`;
  });
  return rows.join('');
}

/** A config that learns in a moment. */
export const tinyConfig = `data:
  manifest: products.csv
  slots:
    title: title
    row: { columns: [colour, { column: weight, as: number }] }
  targets:
    price: { column: price, as: number }
  id: sku
  split: { into: { train: 0.7, validation: 0.1, test: 0.2 } }
model:
  hiddenSize: 8
  encoders:
    title: { use: transformer, maxLength: 16, numHiddenLayers: 1, numAttentionHeads: 2 }
    row: { use: tabular-mlp, columns: { colour: category, weight: number }, numHiddenLayers: 1 }
  fusion: { use: mean }
  heads:
    price: { use: regression }
training: { epochs: 1, batchSize: 16 }
directory: runs/tiny
`;
