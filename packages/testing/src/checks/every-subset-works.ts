import {
  collateSamples,
  type Fused,
  inferenceContext,
  type PreparedSample,
  RandomKey,
  trainingContext,
} from '@polymodal/core';
import type { BuiltFusion, FusionCase } from '../cases/fusion-case';
import { expectFused, type FusedForm } from '../compare/expect-fused';
import { readFused } from '../compare/fused-row';

/**
 * Each of the 2^M − 1 subsets of modalities (of those that the fusion requires) gives fused tokens, mask, pooled vectors and what
 * else the fusion offers, of the right form, as a batch of its own and mixed with all others, in inference and in training.
 */
export async function everySubsetWorks(subject: FusionCase): Promise<void> {
  const built = subject.build();
  try {
    await checkBatch(subject, built, subject.samples, 'all subsets in one batch');
    for (const sample of subject.samples) {
      await checkBatch(subject, built, [sample], `only ${Object.keys(sample.features).join(' and ')}`);
    }
  } finally {
    built.dispose();
  }
}

async function checkBatch(
  subject: FusionCase,
  built: BuiltFusion,
  samples: readonly PreparedSample[],
  label: string,
): Promise<void> {
  const batch = collateSamples(subject, samples);
  for (const context of [inferenceContext(), trainingContext(RandomKey.from(0), built.whole)]) {
    let parts: FusedForm['parts'] = {};
    const fused = await readFused(() => {
      const made = built.fuse(batch, context);
      parts = partsOf(made);
      return made;
    });
    const where = `${subject.name}, ${label}${context.training ? ', training' : ''}`;
    expectFused(where, batch, built.module, subject.modalities, { ...fused, parts });
  }
}

function partsOf({ encoded, owner, gates, usage, causal }: Fused): FusedForm['parts'] {
  const rows = encoded && Object.fromEntries(Object.entries(encoded).map(([name, own]) => [name, own.rows]));
  return {
    ...(rows && { encoded: rows }),
    ...(owner && { owner: true }),
    ...(gates && { gates: true }),
    ...(usage && { usage: true }),
    ...(causal && { causal: true }),
  };
}
