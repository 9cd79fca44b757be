import type { Fusion, HostBatch } from '@polymodal/core';
import { ConformanceError } from '../conformance-error';
import { type FusedValues, isShare } from './fused-row';
import type { Values } from './read-tensors';

/** A fused batch, and what has to be known of it beside its values. */
export interface FusedForm extends FusedValues {
  /** The parts that it has, and rows of the encodings. */
  readonly parts: Readonly<Record<string, true | Readonly<Record<string, Int32Array>>>>;
}

/**
 * Checks the form of a fused batch: shapes, masks, finite values, and the parts that the fusion offers: no other one, each for exactly
 * the rows that have the modality.
 */
export function expectFused(
  where: string,
  batch: HostBatch,
  fusion: Fusion,
  slots: readonly string[],
  form: FusedForm,
): void {
  const { values, parts } = form;
  const { tokens, mask, pooled } = values;
  const length = tokens.shape[1];
  expectText(`${where}, tokens`, `[${batch.size},${length},${fusion.hiddenSize}]`, `[${tokens.shape}]`);
  expectText(`${where}, mask`, `[${batch.size},${length}]`, `[${mask.shape}]`);
  expectText(`${where}, pooled`, `[${batch.size},${fusion.hiddenSize}]`, `[${pooled.shape}]`);
  expectMask(where, values, batch.size);
  for (const [name, { data }] of Object.entries(values)) {
    const broken = Array.from(data).find((value) => !Number.isFinite(value));
    if (broken !== undefined) fail(`${where}, ${name}`, 'finite values', String(broken));
  }
  expectText(
    `${where}, parts that it offers`,
    [...fusion.offers].sort().join(', '),
    Object.keys(parts).sort().join(', '),
  );
  if (parts.owner) expectOwners(where, batch, slots, form);
  if (parts.encoded) expectEncodings(where, batch, parts.encoded as Readonly<Record<string, Int32Array>>);
  expectShares(where, batch, form);
  if (parts.causal) expectIds(where, form);
}

function expectEncodings(where: string, batch: HostBatch, encoded: Readonly<Record<string, Int32Array>>): void {
  for (const [modality, { rows }] of Object.entries(batch.modalities)) {
    expectText(
      `${where}, encoded rows of ${modality}`,
      `[${rows}]`,
      encoded[modality] ? `[${encoded[modality]}]` : 'none',
    );
  }
  const extra = Object.keys(encoded).find((modality) => !batch.modalities[modality]);
  if (extra !== undefined) fail(`${where}, encoded`, 'only modalities that are in the batch', `"${extra}"`);
}

/** A token belongs to a slot that its row has, or to none; one that takes no part belongs to none. */
function expectOwners(where: string, batch: HostBatch, slots: readonly string[], form: FusedForm): void {
  const { owner, mask } = form.values;
  expectText(`${where}, slots of owner`, `${slots}`, `${form.slots}`);
  expectText(`${where}, owner`, `[${mask.shape}]`, `[${owner.shape}]`);
  Array.from(owner.data).forEach((index, place) => {
    const row = Math.floor(place / mask.shape[1]);
    const at = `${where}, owner of token ${place % mask.shape[1]} in row ${row}`;
    if (!Number.isInteger(index) || index < -1 || index >= slots.length) {
      fail(at, `−1, or the index of one of ${slots.length} slots`, String(index));
    }
    if (index < 0) return;
    if (mask.data[place] !== 1) fail(at, '−1, since it takes no part', slots[index]);
    if (!batch.modalities[slots[index]]?.rows.includes(row)) fail(at, 'a slot that the row has', slots[index]);
  });
}

/** Gates and usage are told of every row, and are 0 where it lacks the slot; usage is a share. */
function expectShares(where: string, batch: HostBatch, { values }: FusedForm): void {
  for (const [name, { shape, data }] of Object.entries(values)) {
    if (!isShare(name)) continue;
    const present = batch.modalities[name.replace(/^\w+ of /, '')]?.rows ?? [];
    expectText(`${where}, ${name}`, `[${batch.size},L]`, `[${shape[0]},${shape.length === 2 ? 'L' : shape.slice(1)}]`);
    const beyond = Array.from(data).find((share) => name.startsWith('usage') && !(share >= 0 && share <= 1 + 1e-5));
    if (beyond !== undefined) fail(`${where}, ${name}`, 'shares from 0 to 1', String(beyond));
    for (let row = 0; row < batch.size; row++) {
      const open = Array.from({ length: shape[1] }, (_, gate) => data[row * shape[1] + gate]).find(
        (value) => value !== 0,
      );
      if (open !== undefined && !present.includes(row))
        fail(`${where}, ${name} in row ${row}, which lacks it`, '0', String(open));
    }
  }
}

/** Of a causal sequence: an id, or −1 for a token of no vocabulary and for one that takes no part. */
function expectIds(where: string, { values: { ids, mask } }: FusedForm): void {
  expectText(`${where}, ids of causal`, `[${mask.shape}]`, `[${ids.shape}]`);
  Array.from(ids.data).forEach((id, place) => {
    if (id === -1 || (Number.isInteger(id) && id >= 0 && mask.data[place] === 1)) return;
    const at = `${where}, id of token ${place % mask.shape[1]} in row ${Math.floor(place / mask.shape[1])}`;
    fail(at, mask.data[place] === 1 ? 'an id, or −1' : '−1, since it takes no part', String(id));
  });
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

function expectText(where: string, expected: string, received: string): void {
  if (expected !== received) fail(where, expected, received);
}

function fail(where: string, expected: string, received: string): never {
  throw new ConformanceError({ where, expected, received });
}
