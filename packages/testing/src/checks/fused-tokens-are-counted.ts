import { collateSamples, inferenceContext } from '@polymodal/core';
import type { FusionCase } from '../cases/fusion-case';
import { expectCounted } from '../compare/expect-counted';
import { readFused } from '../compare/fused-row';

/** Whether the fusion says how many tokens of a sample take part. */
export function countsFusedTokens(subject: FusionCase): boolean {
  const built = subject.build();
  try {
    return built.module.tokenCount !== undefined;
  } finally {
    built.dispose();
  }
}

/** As many tokens of a sample take part, in a mixed batch too, as the fusion says of its features before it is fused. */
export async function fusedTokensAreCounted(subject: FusionCase): Promise<void> {
  const built = subject.build();
  try {
    const fused = await readFused(() => built.fuse(collateSamples(subject, subject.samples), inferenceContext()));
    for (const [row, { features }] of subject.samples.entries()) {
      const where = `${subject.name}, a row with ${Object.keys(features).join(' and ')}`;
      expectCounted(where, fused, row, built.module.tokenCount?.(built.encoders, features));
    }
  } finally {
    built.dispose();
  }
}
