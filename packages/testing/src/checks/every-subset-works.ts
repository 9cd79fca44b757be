import {
  collateSamples,
  type Fused,
  inferenceContext,
  type PreparedSample,
  RandomKey,
  trainingContext,
} from '@polymodal/core';
import type { BuiltFusion, FusionCase } from '../cases/fusion-case';
import { expectFused, type FusedParts } from '../compare/expect-fused';
import { readTensors } from '../compare/read-tensors';

/**
 * Each of the 2^M − 1 subsets of modalities gives fused tokens, mask, pooled vectors, spans and encodings of the right
 * form, as a batch of its own and mixed with all others, in inference and in training.
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
    let parts: FusedParts = { spans: {}, encoded: {} };
    const values = await readTensors(() => {
      const fused: Fused = built.fuse(batch, context);
      parts = fused;
      return { tokens: fused.tokens, mask: fused.mask, pooled: fused.pooled };
    });
    const where = `${subject.name}, ${label}${context.training ? ', training' : ''}`;
    expectFused(where, batch, built.module.hiddenSize, values, parts);
  }
}
