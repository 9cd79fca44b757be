import {
  collateSamples,
  type HostBatch,
  hostTensor,
  inferenceContext,
  type ModalityBatch,
  mapRecord,
  RandomKey,
  type SlotStart,
  uploadBatch,
} from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import type { BuiltFusion, FusionCase } from '../cases/fusion-case';
import { expectSameValues } from '../compare/expect-same-values';
import { perturbParameters } from '../compare/perturb-parameters';
import { readTensors, type Values } from '../compare/read-tensors';
import { ConformanceError } from '../conformance-error';

/** Whether a fusion begins with what it makes of one slot alone. */
export function beginsAlone(subject: FusionCase): boolean {
  const built = subject.build();
  try {
    return built.module.start?.(built.encoders) !== undefined;
  } finally {
    built.dispose();
  }
}

/**
 * What a fusion makes of a slot before others have a part in it may be kept while the parameters are frozen that it says to use: made of
 * each row alone and given back, it is gone on from as if it were made again; parameters that it does not name have no part in it, and
 * those that it names are not asked again.
 */
export async function startsMayBeKept(subject: FusionCase): Promise<void> {
  const built = subject.build();
  try {
    const where = `${subject.name}, start`;
    const start = built.module.start!(built.encoders)!;
    const encoder = built.encoders[start.slot];
    if (!encoder) fail(where, `a slot: ${subject.modalities.join(', ')}`, `"${start.slot}"`);
    const batch = collateSamples(subject, subject.samples);
    const kept = await madeOfRows(start, batch);
    checkNames(where, kept, batch, start.slot);

    const made = await fused(built, batch);
    const given = withKept(batch, start.slot, kept);
    expectSameValues(`${where}, given back`, made, await fused(built, given), subject.tolerance);

    const key = RandomKey.from(0).fold('starts may be kept');
    perturbParameters(encoder, key, (path) => !start.uses(path));
    const after = await madeOfRows(start, batch);
    expectSameValues(`${where}, after parameters changed that it does not use`, kept, after, 0);

    const before = await fused(built, given);
    perturbParameters(encoder, key, (path) => start.uses(path));
    const claim = `${where}, given back after parameters changed that made it`;
    expectSameValues(claim, before, await fused(built, given), 0);
  } finally {
    built.dispose();
  }
}

function checkNames(where: string, kept: Values, batch: HostBatch, slot: string): void {
  const names = Object.keys(kept);
  if (names.length === 0) fail(where, 'something that is made of each row', 'nothing of any');
  const taken = names.find((name) => name in batch.modalities[slot].features);
  if (taken !== undefined) fail(where, `names that features of "${slot}" do not have`, `"${taken}"`);
}

/** What is made of each row of the slot by itself, side by side. */
function madeOfRows(start: SlotStart, batch: HostBatch): Promise<Values> {
  return readTensors(() => {
    const all = uploadBatch(batch).modalities[start.slot];
    const made = Array.from(all.rows, (_, row) => start.compute(rowOf(all, row), inferenceContext()));
    return mapRecord(made[0], (_, name) => tf.concat(made.map((own) => own[name])));
  });
}

function rowOf({ features }: ModalityBatch, row: number): ModalityBatch {
  return {
    rows: Int32Array.of(0),
    features: mapRecord(features, (own) => tf.gather(own as tf.Tensor, tf.tensor1d([row], 'int32'))),
  };
}

function withKept(batch: HostBatch, slot: string, kept: Values): HostBatch {
  const own = batch.modalities[slot];
  const starts = mapRecord(kept, ({ data, shape }) => hostTensor(Float32Array.from(data), [...shape]));
  return {
    ...batch,
    modalities: { ...batch.modalities, [slot]: { ...own, features: { ...own.features, ...starts } } },
  };
}

function fused(built: BuiltFusion, batch: HostBatch): Promise<Values> {
  return readTensors(() => built.named(built.fuse(batch, inferenceContext())));
}

function fail(where: string, expected: string, received: string): never {
  throw new ConformanceError({ where, expected, received });
}
