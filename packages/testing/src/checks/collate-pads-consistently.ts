import { type Features, hasPlaces, type Processor } from '@polymodal/core';
import { type ProcessorCase, processAll, rowsByFixed } from '../cases/processor-case';
import { expectFeatures } from '../compare/expect-features';
import { expectMasks } from '../compare/expect-masks';
import { expectPaddedRow } from '../compare/expect-padded-row';
import { ConformanceError } from '../conformance-error';

/**
 * `collate` gives every feature as (P, …) in the order of the rows; a row holds beside others what it holds alone, with
 * masks that are 0 or 1 and 0 wherever more was padded; rows for which `shape` says the same collate to one shape.
 */
export async function collatePadsConsistently({ name, processor, samples }: ProcessorCase): Promise<void> {
  const shapes = new Map<string, string>();
  for (const rows of rowsByFixed(processor, await processAll(processor, samples))) {
    const together = processor.collate(rows);
    checkBatch(`${name}, collate of ${rows.length} rows`, processor, together, rows.length);
    for (const [row, features] of rows.entries()) {
      const alone = processor.collate([features]);
      checkBatch(`${name}, collate of row ${row} alone`, processor, alone, 1);
      for (const [feature, values] of Object.entries(alone)) {
        expectPaddedRow(
          `${name}, feature ${feature} of row ${row}, in a batch`,
          { name: feature, isMask: Object.hasOwn(processor.masks ?? {}, feature) },
          values,
          together[feature],
          row,
        );
      }
      const said = JSON.stringify(processor.shape(features)) + (hasPlaces(features) ? ', of documents' : '');
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

function checkBatch(where: string, { masks = {} }: Processor, features: Features, size: number): void {
  expectFeatures(where, features);
  for (const [name, { shape }] of Object.entries(features)) {
    if (shape[0] !== size) {
      throw new ConformanceError({ where: `${where}, ${name}`, expected: `[${size}, …]`, received: `[${shape}]` });
    }
  }
  expectMasks(where, masks, features);
}
