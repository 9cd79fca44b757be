import { inferenceContext, RandomKey } from '@polymodal/core';
import type { FusionCase } from '../cases/fusion-case';
import { backward } from '../compare/backward';
import { perturbParameters } from '../compare/perturb-parameters';
import { ConformanceError } from '../conformance-error';

/** A loss on the fused batch reaches every encoder: each parameter that its embedding needs gets a gradient. */
export async function encodersLearnThroughFusion(subject: FusionCase): Promise<void> {
  const built = subject.build();
  try {
    perturbParameters(built.whole, RandomKey.from(0).fold('encoders learn through the fusion'));
    const { gradients } = await backward(built.whole, () => built.loss(inferenceContext()));
    for (const modality of subject.modalities) {
      const path = `doubles.${modality}.projection.weight`;
      const values = Array.from(gradients[path]?.data ?? []);
      if (values.some((value) => value !== 0) && values.every(Number.isFinite)) continue;
      throw new ConformanceError({
        where: `${subject.name}, encoder of ${modality}`,
        expected: 'a finite gradient that is not zero from a loss on the fused tokens and the pooled vector',
        received: values.length === 0 ? 'none' : `one of ${values[0]}`,
      });
    }
  } finally {
    built.dispose();
  }
}
