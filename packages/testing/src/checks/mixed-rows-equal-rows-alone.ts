import { collateSamples, type HostBatch, inferenceContext, RandomKey } from '@polymodal/core';
import type { FusionCase } from '../cases/fusion-case';
import { expectSameValues } from '../compare/expect-same-values';
import { fusedRow, readFused } from '../compare/fused-row';

/** A row in a mixed batch is fused as it is alone, in any order of rows and of modalities, up to rounding. */
export async function mixedRowsEqualRowsAlone(subject: FusionCase): Promise<void> {
  const { samples, tolerance } = subject;
  const built = subject.build();
  const fuse = (batch: HostBatch) => readFused(() => built.fuse(batch, inferenceContext()));
  try {
    const order = [...RandomKey.from(0).fold('rows in another order').shuffle(samples.length)];
    const mixed = collateSamples(subject, samples);
    const together = await fuse(mixed);
    const reversed = await fuse(withReversedKeys(mixed));
    const shuffled = await fuse(
      collateSamples(
        subject,
        order.map((row) => samples[row]),
      ),
    );
    for (const [row, sample] of samples.entries()) {
      const alone = fusedRow(await fuse(collateSamples(subject, [sample])), 0);
      const claim = `${subject.name}, a row with ${Object.keys(sample.features).join(' and ')} against it alone`;
      expectSameValues(`${claim}, in a mixed batch`, alone, fusedRow(together, row), tolerance);
      expectSameValues(`${claim}, modalities in another order`, alone, fusedRow(reversed, row), tolerance);
      expectSameValues(`${claim}, rows in another order`, alone, fusedRow(shuffled, order.indexOf(row)), tolerance);
    }
  } finally {
    built.dispose();
  }
}

function withReversedKeys(batch: HostBatch): HostBatch {
  return { ...batch, modalities: Object.fromEntries(Object.entries(batch.modalities).reverse()) };
}
