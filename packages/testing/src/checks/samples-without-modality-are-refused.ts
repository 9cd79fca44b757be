import { describeValue, type Sample, SampleError } from '@polymodal/core';
import type { ModelCase } from '../cases/model-case';
import { ConformanceError } from '../conformance-error';

/** A sample with no modality of the model is refused with a SampleError that names its place among the others. */
export async function samplesWithoutModalityAreRefused(subject: ModelCase): Promise<void> {
  const model = subject.compose();
  const [usual] = subject.samples;
  const nothing: readonly Sample[] = [
    {},
    { targets: {} },
    { [model.modalities[0]]: null },
    { [model.modalities[0]]: undefined },
    { 'no such modality': 1 },
  ];
  try {
    for (const sample of nothing) {
      const error = await model.predict([usual, sample]).catch((thrown: unknown) => thrown);
      if (error instanceof SampleError && error.message.startsWith('sample 1:')) continue;
      throw new ConformanceError({
        where: `${subject.name}, a sample of ${Object.keys(sample).join(', ') || 'nothing'}`,
        expected: 'a SampleError about sample 1',
        received: error instanceof Error ? String(error) : describeValue(error),
        cause: error,
      });
    }
  } finally {
    model.dispose();
  }
}
