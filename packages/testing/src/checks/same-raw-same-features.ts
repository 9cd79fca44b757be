import { RandomKey } from '@polymodal/core';
import type { ProcessorCase } from '../cases/processor-case';
import { expectSameValues } from '../compare/expect-same-values';

/** A raw value gives the same features each time, also with augmentation of one key, and is left as it was. */
export async function sameRawSameFeatures(subject: ProcessorCase): Promise<void> {
  const training = { training: true, key: RandomKey.from(0).fold('augmentation') };
  for (const [index, raw] of subject.samples.entries()) {
    const before = copy(raw);
    for (const context of [{ training: false }, training]) {
      const claim = `${subject.name}, sample ${index} processed again${context.training ? ' in training' : ''}`;
      const first = await subject.processor.process(raw, context);
      for (const same of [raw, before]) {
        expectSameValues(claim, first, await subject.processor.process(same, context), 0);
      }
    }
  }
}

/** A copy, so that a processor that changes its input is found out; of a value that has no copy, the value itself. */
function copy(raw: unknown): unknown {
  try {
    return structuredClone(raw);
  } catch {
    return raw;
  }
}
