import { type Processor, SampleError, type TokenCodec } from '@polymodal/core';
import { expect, it } from 'vitest';
import { WrittenTarget } from './written-target';

const bytes: TokenCodec = {
  vocabSize: 257,
  endIds: [256],
  encode(raw) {
    if (typeof raw === 'string') return Int32Array.from(Buffer.from(raw));
    throw new SampleError({ expected: 'a string', received: 'a number', hint: 'Leave the modality out.' });
  },
  decode: (ids) => Buffer.from(ids).toString(),
};

it('says what is wrong with a target without what its slot says of inputs', () => {
  const target = new WrittenTarget('text', { codec: bytes } as Partial<Processor> as Processor, {
    learns: 'target',
    maxLength: 8,
    longTargets: 'refuse',
    bucketSize: 1,
  });
  expect([...target.process('ab').ids.data]).toEqual([97, 98, 256]);
  expect(() => target.process(3)).toThrow(
    /^expected a string, received a number\. Leave the target out \(or undefined\) where nothing is to be written\.$/,
  );
});
