import { collateSamples, inferenceContext, PolymodalError } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import type { FusionCase } from '../cases/fusion-case';
import { ConformanceError } from '../conformance-error';

/** A batch with a row that has no modality at all, or not those that the fusion requires, gives a typed error, not numbers. */
export async function rowsWithoutModalityAreRefused(subject: FusionCase): Promise<void> {
  const built = subject.build();
  try {
    for (const lacking of [{ features: {}, targets: {} }, ...subject.refused]) {
      const names = Object.keys(lacking.features);
      const where = `${subject.name}, a row ${names.length > 0 ? `with ${names.join(' and ')} alone` : 'without any modality'}`;
      for (const samples of [[...subject.samples, lacking], [lacking]]) {
        const batch = collateSamples(subject, samples);
        const thrown = attempt(() => tf.tidy(() => void built.fuse(batch, inferenceContext())));
        if (PolymodalError.isInstance(thrown)) continue;
        const received = thrown === undefined ? 'a result' : String(thrown);
        throw new ConformanceError({ where, expected: 'an error of Polymodal that says so', received, cause: thrown });
      }
    }
  } finally {
    built.dispose();
  }
}

/** What a function throws. */
function attempt(run: () => unknown): unknown {
  try {
    run();
    return undefined;
  } catch (error) {
    return error;
  }
}
