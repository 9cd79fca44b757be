import {
  type Context,
  collateSamples,
  type Features,
  type Fused,
  type HostBatch,
  inferenceContext,
} from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import type { BuiltFusion, FusionCase } from '../cases/fusion-case';
import { backward } from '../compare/backward';
import { expectSameValues } from '../compare/expect-same-values';
import { fusedRow, readFused } from '../compare/fused-row';
import { projection } from '../compare/projection';

/**
 * What a row has reaches no other row, least of all one that lacks the modality: with NaN in all features of one row,
 * and with other numbers there, the outputs of all others keep their bits; with other numbers, the gradients of a loss
 * over the others do so too.
 */
export async function otherRowsCannotLeak(subject: FusionCase): Promise<void> {
  const built = subject.build();
  try {
    const changed = subject.samples.findIndex(
      ({ features }) => Object.keys(features).length === subject.modalities.length,
    );
    const batch = collateSamples(subject, subject.samples);
    const others = Array.from({ length: batch.size }, (_, row) => row).filter((row) => row !== changed);
    const clean = await readFused(() => built.fuse(batch, inferenceContext()));
    for (const [filling, value] of [
      ['NaN', Number.NaN],
      ['3', 3],
    ] as const) {
      const dirty = await readFused(() => built.fuse(withRow(batch, changed, value), inferenceContext()));
      for (const row of others) {
        const claim = `${subject.name}, row ${row} with ${filling} in all features of row ${changed}`;
        expectSameValues(claim, fusedRow(clean, row), fusedRow(dirty, row), 0);
      }
    }
    const expected = await gradients(built, batch, others, inferenceContext());
    const received = await gradients(built, withRow(batch, changed, 3), others, inferenceContext());
    const claim = `${subject.name}, gradients of the other rows with 3 in all features of row ${changed}`;
    expectSameValues(claim, expected, received, 0);
  } finally {
    built.dispose();
  }
}

/** The batch with one value in place of all that the row's features hold. */
function withRow(batch: HostBatch, row: number, value: number): HostBatch {
  const modalities = Object.entries(batch.modalities).map(([modality, { rows, features }]) => {
    const index = rows.indexOf(row);
    return [modality, { rows, features: index < 0 ? features : filled(features, index, value) }];
  });
  return { ...batch, modalities: Object.fromEntries(modalities) };
}

function filled({ values, ...rest }: Features, index: number, value: number): Features {
  const size = values.data.length / values.shape[0];
  const data = values.data.slice();
  data.fill(value, index * size, (index + 1) * size);
  return { ...rest, values: { ...values, data } };
}

async function gradients(built: BuiltFusion, batch: HostBatch, rows: readonly number[], context: Context) {
  const index = Int32Array.from(rows);
  const loss = () =>
    tf.tidy(() => {
      const fused: Fused = built.fuse(batch, context);
      const { tokens, pooled } = built.named(fused);
      const taken = tf.tensor1d(index, 'int32');
      return projection({ tokens: tf.gather(tokens, taken), pooled: tf.gather(pooled, taken) });
    });
  return (await backward(built.whole, loss)).gradients;
}
