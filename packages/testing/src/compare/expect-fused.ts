import type { Fused, HostBatch } from '@polymodal/core';
import { ConformanceError } from '../conformance-error';
import type { Values } from './read-tensors';

/** The parts of a fused batch that are checked before their values are read. */
export type FusedParts = Pick<Fused, 'spans' | 'encoded'>;

/** Checks the form of a fused batch: shapes, types, spans, masks, and finite values. */
export function expectFused(where: string, batch: HostBatch, width: number, values: Values, parts: FusedParts): void {
  const { tokens, mask, pooled } = values;
  const length = tokens.shape[1];
  expectText(`${where}, tokens`, `[${batch.size},${length},${width}]`, `[${tokens.shape}]`);
  expectText(`${where}, mask`, `[${batch.size},${length}]`, `[${mask.shape}]`);
  expectText(`${where}, pooled`, `[${batch.size},${width}]`, `[${pooled.shape}]`);
  expectMask(where, values, batch.size);
  for (const [name, { data }] of Object.entries(values)) {
    const broken = Array.from(data).find((value) => !Number.isFinite(value));
    if (broken !== undefined) fail(`${where}, ${name}`, 'finite values', String(broken));
  }
  expectSpans(where, parts.spans, length);
  for (const [modality, { rows }] of Object.entries(batch.modalities)) {
    const encoded = parts.encoded[modality];
    expectText(`${where}, encoded rows of ${modality}`, `[${rows}]`, encoded ? `[${encoded.rows}]` : 'none');
  }
  const extra = Object.keys(parts.encoded).find((modality) => !batch.modalities[modality]);
  if (extra !== undefined) fail(`${where}, encoded`, 'only modalities that are in the batch', `"${extra}"`);
}

function expectMask(where: string, { mask }: Values, rows: number): void {
  const length = mask.shape[1];
  for (let row = 0; row < rows; row++) {
    const values = Array.from({ length }, (_, token) => mask.data[row * length + token]);
    const other = values.find((value) => value !== 0 && value !== 1);
    if (other !== undefined) fail(`${where}, mask of row ${row}`, '0 and 1 alone', String(other));
    if (!values.includes(1)) fail(`${where}, mask of row ${row}`, 'a token that takes part', 'none');
  }
}

function expectSpans(where: string, spans: Fused['spans'], length: number): void {
  let end = 0;
  for (const [modality, [start, stop]] of Object.entries(spans).sort(([, [a]], [, [b]]) => a - b)) {
    if (start < end || stop < start || stop > length) {
      fail(`${where}, span of ${modality}`, `a range from ${end} on within ${length} tokens`, `[${start}, ${stop})`);
    }
    end = stop;
  }
}

function expectText(where: string, expected: string, received: string): void {
  if (expected !== received) fail(where, expected, received);
}

function fail(where: string, expected: string, received: string): never {
  throw new ConformanceError({ where, expected, received });
}
