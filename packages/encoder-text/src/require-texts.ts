import { describeValue, SampleError } from '@polymodal/core';

/** @throws SampleError for what is no text; of two, the second is called the pair */
export function requireTexts(texts: readonly unknown[]): asserts texts is readonly string[] {
  const other = texts.findIndex((text) => typeof text !== 'string');
  if (other < 0) return;
  const where = other > 0 ? 'pair' : 'text';
  throw new SampleError({ where, expected: 'a string', received: describeValue(texts[other]) });
}
