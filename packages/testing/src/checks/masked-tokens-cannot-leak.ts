import { collateSamples, type Encoders, inferenceContext } from '@polymodal/core';
import type { BuiltFusion, FusionCase } from '../cases/fusion-case';
import { backward } from '../compare/backward';
import { expectSameValues } from '../compare/expect-same-values';
import { fusedRow, readFused } from '../compare/fused-row';
import { projection } from '../compare/projection';
import { dirtyEncoder } from '../doubles/dirty-encoder';

/** What encoders leave in tokens that their mask excludes changes neither a fused row nor a gradient by a bit. */
export async function maskedTokensCannotLeak(subject: FusionCase): Promise<void> {
  const built = subject.build();
  try {
    const expected = await run(subject, built, 0);
    for (const filling of [1, -100]) {
      const received = await run(subject, built, filling);
      const claim = `${subject.name}, encoders that leave ${filling} in masked tokens`;
      for (const row of subject.samples.keys()) {
        expectSameValues(`${claim}, row ${row}`, fusedRow(expected.fused, row), fusedRow(received.fused, row), 0);
      }
      expectSameValues(`${claim}, gradients`, expected.gradients, received.gradients, 0);
    }
  } finally {
    built.dispose();
  }
}

async function run(subject: FusionCase, built: BuiltFusion, filling: number) {
  const entries = Object.entries(built.encoders).map(([name, encoder]) => [name, dirtyEncoder(encoder, filling)]);
  const encoders: Encoders = Object.fromEntries(entries);
  const batch = collateSamples(subject, subject.samples);
  const fuse = () => built.fuse(batch, inferenceContext(), encoders);
  const fused = await readFused(fuse);
  const { gradients } = await backward(built.whole, () => projection(built.named(fuse())));
  return { fused, gradients };
}
