import { collateSamples, inferenceContext, type PreparedSample } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import type { HeadCase } from '../cases/head-case';
import { ConformanceError } from '../conformance-error';

/**
 * What a loss sums is computed from the tensors of its targets: those in host memory are there to count with. A step of training that is
 * replayed has other targets, and sums them without the code of the head.
 */
export async function targetsAreSummedAsTensors(subject: HeadCase): Promise<void> {
  const built = subject.build();
  const batch = collateSamples(subject, subject.samples);
  const others = collateSamples(subject, exchanged(subject.samples));
  const sums = (counted: typeof batch) =>
    tf.tidy(() => {
      const { terms } = built.learn(batch, inferenceContext(), counted);
      return Object.entries(terms).map(([term, { sum }]) => [term, sum.dataSync()[0]] as const);
    });
  try {
    const [own, shown] = [sums(batch), new Map(sums(others))];
    for (const [term, sum] of own) {
      if (shown.get(term) === sum || !shown.has(term)) continue;
      throw new ConformanceError({
        where: `${subject.name}, loss().${term}.sum()`,
        expected: `${sum}, whatever stands in the target's values in host memory`,
        received: `${shown.get(term)} with those of other rows there`,
        hint: 'Compute what is summed from the tensors of the target, its features; its values are there to count with.',
      });
    }
  } finally {
    built.dispose();
  }
}

/** The same samples, each with the targets of another that has as many. */
function exchanged(samples: readonly PreparedSample[]): PreparedSample[] {
  const withTargets = samples.filter(({ targets }) => Object.keys(targets).length > 0);
  return samples.map((sample) => {
    const index = withTargets.indexOf(sample);
    return index < 0 ? sample : { ...sample, targets: withTargets[withTargets.length - 1 - index].targets };
  });
}
