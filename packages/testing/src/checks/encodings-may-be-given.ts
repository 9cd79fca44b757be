import {
  collateSamples,
  type EncodedFeatures,
  encodedRows,
  encodersOf,
  type HostBatch,
  inferenceContext,
  uploadBatch,
} from '@polymodal/core';
import type { BuiltFusion, FusionCase } from '../cases/fusion-case';
import { expectSameValues } from '../compare/expect-same-values';
import { readTensors, type Values } from '../compare/read-tensors';

/** The slots whose finished tokens alone a fusion takes. */
export function wholeSlots(subject: FusionCase): string[] {
  const built = subject.build();
  try {
    return subject.modalities.filter((slot) => built.module.encodesWhole(slot));
  } finally {
    built.dispose();
  }
}

/** For those slots: what an encoder gave beforehand is fused to the bit as what it gives in the pass. */
export async function encodingsMayBeGiven(subject: FusionCase): Promise<void> {
  const built = subject.build();
  try {
    const mixed = collateSamples(subject, subject.samples);
    for (const slot of wholeSlots(subject)) {
      const given = await withEncoded(built, mixed, slot);
      const [expected, received] = [await fused(built, mixed), await fused(built, given)];
      expectSameValues(`${subject.name}, with ${slot} encoded beforehand`, expected, received, 0);
    }
  } finally {
    built.dispose();
  }
}

function fused(built: BuiltFusion, batch: HostBatch): Promise<Values> {
  const encoders = encodersOf(built.encoders, batch);
  return readTensors(() => built.named(built.fuse(batch, inferenceContext(), encoders)));
}

async function withEncoded(built: BuiltFusion, batch: HostBatch, slot: string): Promise<HostBatch> {
  const { rows } = batch.modalities[slot];
  const named = await readTensors(() => {
    const { tokens, mask, pooled } = built.encoders[slot].encode(
      uploadBatch(batch).modalities[slot],
      inferenceContext(),
    );
    return { tokens, mask, pooled };
  });
  const ofRow = (row: number) => (name: string) => {
    const { data, shape } = named[name];
    const size = data.length / rows.length;
    return { data: Float32Array.from(data).slice(row * size, (row + 1) * size), shape: shape.slice(1) };
  };
  const values = Array.from(rows, (_, row): EncodedFeatures => {
    const own = ofRow(row);
    return { tokens: own('tokens'), mask: own('mask'), pooled: own('pooled') };
  });
  return { ...batch, modalities: { ...batch.modalities, [slot]: encodedRows(rows, values) } };
}
