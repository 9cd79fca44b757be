import type { ModelCase } from '../cases/model-case';
import { expectFinitePlainData } from '../compare/expect-finite-plain-data';
import { ConformanceError } from '../conformance-error';

/** Samples of all subsets of the modalities, in one call, each get the answer of at least one head, as plain data. */
export async function modelAnswersEverySubset(subject: ModelCase): Promise<void> {
  const model = subject.compose();
  try {
    const predictions = await model.predict(subject.samples);
    for (const [index, sample] of subject.samples.entries()) {
      const present = model.modalities.filter((modality) => modality in sample);
      const where = `${subject.name}, a sample with ${present.join(' and ')}`;
      if (Object.keys(predictions[index] ?? {}).length === 0) {
        throw new ConformanceError({ where, expected: 'the answer of a head', received: 'none' });
      }
      expectFinitePlainData(where, predictions[index]);
    }
  } finally {
    model.dispose();
  }
}
