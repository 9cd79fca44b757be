import { collateSamples, type PreparedSample, RandomKey, trainingContext } from '@polymodal/core';
import type { BuiltFusion, FusionCase } from '../cases/fusion-case';
import { backward } from '../compare/backward';
import { perturbParameters } from '../compare/perturb-parameters';
import { projection } from '../compare/projection';
import { ConformanceError } from '../conformance-error';

/**
 * A batch whose rows have one modality alone, or no more than the fusion requires, trains: what is computed from several must have a
 * gradient where there is one. All gradients are finite, and the encoders of those modalities learn.
 */
export async function modalitiesAloneTrain(subject: FusionCase): Promise<void> {
  const least = Math.min(...subject.samples.map(numberOf));
  const built = subject.build();
  try {
    perturbParameters(built.whole, RandomKey.from(0).fold('modalities alone train'));
    for (const sample of subject.samples.filter((own) => numberOf(own) === least)) await check(subject, built, sample);
  } finally {
    built.dispose();
  }
}

async function check(subject: FusionCase, built: BuiltFusion, sample: PreparedSample): Promise<void> {
  const slots = Object.keys(sample.features);
  const batch = collateSamples(subject, [sample, sample]);
  const context = trainingContext(RandomKey.from(0).fold('step'), built.whole);
  const { gradients } = await backward(built.whole, () => projection(built.named(built.fuse(batch, context))));
  const where = `${subject.name}, only ${slots.join(' and ')}`;
  for (const [path, { data }] of Object.entries(gradients)) {
    const broken = Array.from(data).find((value) => !Number.isFinite(value));
    if (broken === undefined) continue;
    throw new ConformanceError({
      where: `${where}, parameter ${path}`,
      expected: 'a finite gradient',
      received: `${broken}`,
    });
  }
  const learns = slots.some((slot) =>
    Array.from(gradients[`doubles.${slot}.projection.weight`]?.data ?? []).some((value) => value !== 0),
  );
  if (learns) return;
  throw new ConformanceError({ where, expected: 'a gradient for an encoder of what is there', received: 'none' });
}

function numberOf({ features }: PreparedSample): number {
  return Object.keys(features).length;
}
