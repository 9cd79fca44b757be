import { SampleError, type TokenCodec } from '@polymodal/core';
import { CausalReadings, describeHead, referenceDecoder } from '@polymodal/testing';
import { ctc } from './ctc/ctc';
import { languageModel } from './language-model';
import { maskedLanguageModel } from './masked-language-model';
import { span } from './spans/span-head';
import { tokenClassification } from './spans/token-classification';
import { textDecoder } from './text-decoder';

/** Words of the letters a to h: ids 3 to 10; 1 ends one. */
const letters: TokenCodec<string> = {
  vocabSize: 11,
  endIds: [1],
  encode: (raw) => {
    if (typeof raw !== 'string' || !/^[a-h]*$/.test(raw)) throw new SampleError({ expected: 'a word', received: '…' });
    return Int32Array.from(raw, (letter) => letter.charCodeAt(0) - 94);
  },
  decode: (ids) => String.fromCharCode(...ids.filter((id) => id > 2).map((id) => id + 94)),
};

/** Of 14 positions the longest row, of 9, leaves room for a target and no more, so that rows are written up to the last one. */
const cases = [
  { tied: true, positions: 256, generation: { maxNewTokens: 5 } },
  { tied: false, positions: 14, generation: { maxNewTokens: 9 } },
];

for (const { tied, positions, generation } of cases) {
  describeHead(languageModel, {
    config: { tied, maxLength: 6, longTargets: 'cut', bucketSize: 4, generation },
    modalities: ['text'],
    encoder: (_, hiddenSize) => new CausalReadings(hiddenSize, letters.vocabSize, positions),
    fusion: { definition: referenceDecoder },
    codec: letters as TokenCodec,
    targets: (key) => ({ subject: 'abcdefgh'.slice(key.integer(0, 4), key.fold('end').integer(4, 9)) }),
    target: { invalid: ['xyz'] },
  });
}

const sizes = { numAttentionHeads: 2, intermediateSize: 12, maxLength: 6, bucketSize: 4 };

describeHead(textDecoder, {
  config: { ...sizes, numHiddenLayers: 1, hiddenSize: 4, longTargets: 'cut', generation: { maxNewTokens: 3 } },
  targets: (key) => ({ subject: 'abcdefgh'.slice(key.integer(0, 4), key.fold('end').integer(4, 9)) }),
  target: { invalid: [7] },
});

describeHead(textDecoder, {
  config: {
    ...{ ...sizes, numHiddenLayers: 2, of: 'text', attendsTo: 'audio', hiddenSize: 8, tied: false, longTargets: 'cut' },
    ...{ startTokenId: 2, prefixIds: [3, 4], generation: { maxNewTokens: 4 } },
  },
  codec: letters as TokenCodec,
  targets: (key) => ({ subject: 'abcdefgh'.slice(key.integer(0, 4), key.fold('end').integer(4, 9)) }),
  target: { invalid: ['xyz'] },
});

/** Texts of two letters and the space, short enough for the few tokens of reference signals. */
describeHead(ctc, {
  config: { of: 'audio', vocabulary: 'ab ', reduction: 'sum', dropout: 0.1, zeroInfinity: true, bucketSize: 2 },
  targets: (key) => ({ subject: 'ab a'.slice(0, key.integer(0, 4)) }),
  target: { invalid: [7, 'abc', 'a'.repeat(3000)] },
});

/** Half of all letters are hidden, so that each row learns some; two of them are a word. */
const hidden: TokenCodec = {
  ...(letters as TokenCodec),
  maskId: 2,
  specialIds: [0, 1, 2],
  wordsOf: (ids) => Int32Array.from(ids, (_, place) => place >> 1),
};

describeHead(maskedLanguageModel, {
  config: { of: 'text', probability: 0.5, wholeWords: true },
  modalities: ['image', 'text'],
  encoder: (_, hiddenSize) => new CausalReadings(hiddenSize, letters.vocabSize),
  codec: hidden,
});

describeHead(tokenClassification, {
  config: { of: 'text', labels: ['name', 'place'], learns: 'all', bucketSize: 4, dropout: 0.2 },
  targets: (key) => ({ subject: [{ start: 0, end: 1, label: key.integer(0, 2) ? 'name' : 'place' }] }),
  target: { invalid: [7, 'name'] },
});

describeHead(span, {
  config: { of: 'text', bucketSize: 4, dropout: 0.2 },
  targets: () => ({ subject: [{ start: 0, end: 1 }] }),
  target: { invalid: [7, { start: 1 }] },
});
