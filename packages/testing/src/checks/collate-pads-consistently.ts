import type { Features } from '@polymodal/core';
import { type ProcessorCase, processAll, rowsByFixed } from '../cases/processor-case';
import { expectFeatures } from '../compare/expect-features';
import { expectPaddedRow, isMask } from '../compare/expect-padded-row';
import { ConformanceError } from '../conformance-error';

/**
 * `collate` gives every feature as (P, …) in the order of the rows; a row holds beside others what it holds alone, with
 * masks that are 0 or 1 and 0 wherever more was padded; rows for which `shape` says the same collate to one shape.
 */
export async function collatePadsConsistently({ name, processor, samples }: ProcessorCase): Promise<void> {
  const shapes = new Map<string, string>();
  for (const rows of rowsByFixed(processor, await processAll(processor, samples))) {
    const together = processor.collate(rows);
    checkBatch(`${name}, collate of ${rows.length} rows`, together, rows.length);
    for (const [row, features] of rows.entries()) {
      const alone = processor.collate([features]);
      checkBatch(`${name}, collate of row ${row} alone`, alone, 1);
      for (const [feature, values] of Object.entries(alone)) {
        expectPaddedRow(
          `${name}, feature ${feature} of row ${row}, in a batch`,
          feature,
          values,
          together[feature],
          row,
        );
      }
      const said = JSON.stringify(processor.shape(features));
      const shape = JSON.stringify(Object.entries(alone).map(([feature, { shape }]) => [feature, shape]));
      const other = shapes.get(said) ?? shape;
      if (other !== shape) {
        const where = `${name}, rows of shape ${said}`;
        throw new ConformanceError({ where, expected: `collated features of one shape, ${other}`, received: shape });
      }
      shapes.set(said, shape);
    }
  }
}

function checkBatch(where: string, features: Features, size: number): void {
  expectFeatures(where, features);
  for (const [name, { shape, data }] of Object.entries(features)) {
    if (shape[0] !== size) {
      throw new ConformanceError({ where: `${where}, ${name}`, expected: `[${size}, …]`, received: `[${shape}]` });
    }
    const other = isMask(name) ? data.find((value) => value !== 0 && value !== 1) : undefined;
    if (other === undefined) continue;
    throw new ConformanceError({ where: `${where}, ${name}`, expected: '0 and 1 alone', received: String(other) });
  }
}
