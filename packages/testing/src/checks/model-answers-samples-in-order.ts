import { RandomKey, type Sample } from '@polymodal/core';
import type { ModelCase } from '../cases/model-case';
import { expectSamePlainData } from '../compare/expect-same-plain-data';

/**
 * The answer for a sample is that for the sample alone, up to rounding: beside any others, in any order of samples and of
 * names within a sample, in batches of any size; and the same each time.
 */
export async function modelAnswersSamplesInOrder(subject: ModelCase): Promise<void> {
  const { samples, tolerance, name } = subject;
  const model = subject.compose();
  try {
    const order = [...RandomKey.from(0).fold('samples in another order').shuffle(samples.length)];
    const together = await model.predict(samples);
    expectSamePlainData(`${name}, the same call again`, together, await model.predict(samples), 0);
    const shuffled = await model.predict(order.map((index) => samples[index]));
    const small = await model.predict(samples, { batchSize: 2 });
    const renamed = await model.predict(samples.map(withReversedNames));
    for (const [index, sample] of samples.entries()) {
      const [alone] = await model.predict([sample]);
      const claim = `${name}, sample ${index} against it alone`;
      expectSamePlainData(`${claim}, among others`, alone, together[index], tolerance);
      expectSamePlainData(`${claim}, in another order`, alone, shuffled[order.indexOf(index)], tolerance);
      expectSamePlainData(`${claim}, in batches of two`, alone, small[index], tolerance);
      expectSamePlainData(`${claim}, its names in another order`, alone, renamed[index], tolerance);
    }
  } finally {
    model.dispose();
  }
}

function withReversedNames(sample: Sample): Sample {
  return Object.fromEntries(Object.entries(sample).reverse());
}
