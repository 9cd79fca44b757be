import { collateSamples, fulfils, inferenceContext } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import type { FusionCase } from '../cases/fusion-case';
import { expectSameValues } from '../compare/expect-same-values';
import { fusedRow, readFused } from '../compare/fused-row';

/** Largest change that a modality may make before the first step: rounding of numbers of about 1. */
const identityTolerance = 1e-7;

/** The slots that a fusion lets in through gates. */
export function gatedSlots(subject: FusionCase): string[] {
  const built = subject.build();
  try {
    const batch = collateSamples(subject, subject.samples);
    return tf.tidy(() => Object.keys(built.fuse(batch, inferenceContext()).gates ?? {}));
  } finally {
    built.dispose();
  }
}

/** A modality behind a gate that starts at zero changes nothing at first: a row with it equals the row without it. */
export async function addedModalityIsIdentity(subject: FusionCase, added: string): Promise<void> {
  const { samples } = subject;
  const built = subject.build();
  try {
    for (const { features, targets } of samples) {
      const { [added]: addition, ...rest } = features;
      if (!addition || Object.keys(rest).length === 0 || !fulfils(subject.requires, Object.keys(rest))) continue;
      const fuse = async (own: typeof features) => {
        const batch = collateSamples(subject, [{ features: own, targets }]);
        return fusedRow(await readFused(() => built.fuse(batch, inferenceContext())), 0);
      };
      const { [`tokens of ${added}`]: _, ...withAddition } = await fuse(features);
      const claim = `${subject.name}, ${added} added to ${Object.keys(rest).join(' and ')} before the first step`;
      expectSameValues(claim, await fuse(rest), withAddition, identityTolerance);
    }
  } finally {
    built.dispose();
  }
}
