import { composeModel, createRegistry, type RandomKey } from '@polymodal/core';
import { text } from '@polymodal/encoder-text';
import { fusion } from '@polymodal/fusion';
import { heads } from '@polymodal/heads';
import { describeEncoder } from '@polymodal/testing';
import { expect, it } from 'vitest';
import { ownPartEncoder, ownPartPlugin } from './index.js';

/** Raw values as users have them, of different lengths: otherwise padding would hardly be tested. */
const sample = (key: RandomKey) => 'três más 三'.slice(0, key.integer(1, 11));

describeEncoder(ownPartEncoder, {
  sample,
  config: { bucketSize: 4, maxLength: 16, numHiddenLayers: 2, reach: 1 },
  invalid: [7, ['a', 7]],
});

// The conformance kit cannot know what your encoder computes: hold that against something you did not write.
it('sees what is near in its order, and no order of what is out of reach', async () => {
  const model = composeModel(createRegistry([text, ownPartPlugin, fusion, heads]), {
    hiddenSize: 8,
    encoders: { note: { use: 'own-part', numHiddenLayers: 1, reach: 1 } },
    fusion: { use: 'none' },
    heads: { verdict: { use: 'classification', labels: 2 } },
  });
  const ask = async (note: string) => (await model.predict([{ note }]))[0]!.verdict.probabilities[0]!;
  // The tokens are bytes. With a reach of 1 they see the same in both of the first two, elsewhere.
  expect(await ask('aaxaaaayaa')).toBeCloseTo(await ask('aayaaaaxaa'), 5);
  expect(Math.abs((await ask('aaxyaaaaaa')) - (await ask('aayxaaaaaa')))).toBeGreaterThan(1e-5);
});
