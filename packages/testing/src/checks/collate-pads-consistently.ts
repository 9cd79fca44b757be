import type { Features, HostTensor } from '@polymodal/core';
import { type ProcessorCase, processAll } from '../cases/processor-case';
import { expectFeatures } from '../compare/expect-features';
import { expectSameValues } from '../compare/expect-same-values';
import { ConformanceError } from '../conformance-error';

/**
 * `collate` gives every feature as (P, …) in the order of the rows; a row holds beside others what it holds alone, with
 * masks that are 0 or 1 and 0 wherever more was padded; rows of one bucket collate to one shape.
 */
export async function collatePadsConsistently(subject: ProcessorCase): Promise<void> {
  const { name, processor } = subject;
  const rows = await processAll(processor, subject.samples);
  const together = processor.collate(rows);
  checkBatch(`${name}, collate of ${rows.length} rows`, together, rows.length);
  const shapes = new Map<number | undefined, string>();
  for (const [row, features] of rows.entries()) {
    const alone = processor.collate([features]);
    checkBatch(`${name}, collate of row ${row} alone`, alone, 1);
    for (const [feature, values] of Object.entries(alone)) {
      checkRow(`${name}, feature ${feature} of row ${row}`, feature, values, together[feature], row);
    }
    const bucket = processor.bucket?.(features);
    const shape = JSON.stringify(Object.entries(alone).map(([feature, { shape }]) => [feature, shape]));
    const other = shapes.get(bucket) ?? shape;
    if (other !== shape) {
      const where = `${name}, ${bucket === undefined ? 'rows without bucket' : `rows of bucket ${bucket}`}`;
      throw new ConformanceError({ where, expected: `one shape, ${other}`, received: shape });
    }
    shapes.set(bucket, shape);
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

function checkRow(where: string, name: string, alone: HostTensor, together: HostTensor | undefined, row: number): void {
  const [, ...extent] = alone.shape;
  const [, ...lengths] = together?.shape ?? [];
  if (!together || extent.length !== lengths.length || extent.some((length, axis) => length > lengths[axis])) {
    const expected = `at least [${extent}] in the batch as well`;
    throw new ConformanceError({ where, expected, received: together ? `[${lengths}]` : 'no such feature' });
  }
  const { inside, outside } = split(together, row, extent);
  const [expected, received] = [alone.data, inside].map((data) => ({ [name]: { shape: extent, data } }));
  expectSameValues(`${where}, in a batch`, expected, received, 0);
  if (isMask(name) && outside.some((value) => value !== 0)) {
    throw new ConformanceError({ where, expected: 'a mask of 0 where the batch pads', received: '1' });
  }
}

/** The elements of a row within an extent, and those beyond. */
function split({ data, shape: [, ...lengths] }: HostTensor, row: number, extent: readonly number[]) {
  const size = lengths.reduce((product, length) => product * length, 1);
  const inside: number[] = [];
  const outside: number[] = [];
  for (let index = 0; index < size; index++) {
    let rest = index;
    let within = true;
    for (let axis = lengths.length - 1; axis >= 0; axis--) {
      within &&= rest % lengths[axis] < extent[axis];
      rest = Math.floor(rest / lengths[axis]);
    }
    (within ? inside : outside).push(data[row * size + index]);
  }
  return { inside, outside };
}

/** Features whose name ends in "mask" say which elements take part. */
function isMask(name: string): boolean {
  return /mask$/i.test(name);
}
