import { RandomKey } from '@polymodal/core';
import type { HeadCase } from '../cases/head-case';
import { expectSamePlainData } from '../compare/expect-same-plain-data';
import { predictRows } from '../compare/predict-rows';

/**
 * `predict` gives one answer a row in their order, plain data, the same each time: the answer for a row is that for the
 * row alone, up to rounding.
 */
export async function onePredictionARow(subject: HeadCase): Promise<void> {
  const { samples, name, tolerance } = subject;
  const built = subject.build();
  try {
    const order = [...RandomKey.from(0).fold('one prediction a row').shuffle(samples.length)];
    const together = await predictRows(subject, built, samples);
    const again = await predictRows(subject, built, samples);
    expectSamePlainData(`${name}, predictions of the same batch`, together, again, 0);
    const reordered = order.map((row) => samples[row]);
    const shuffled = await predictRows(subject, built, reordered);
    for (const [row, sample] of samples.entries()) {
      const [alone] = await predictRows(subject, built, [sample]);
      const claim = `${name}, prediction of row ${row} against the row alone`;
      expectSamePlainData(`${claim}, in a batch`, alone, together[row], tolerance);
      expectSamePlainData(`${claim}, in another order`, alone, shuffled[order.indexOf(row)], tolerance);
    }
  } finally {
    built.dispose();
  }
}
