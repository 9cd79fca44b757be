import { SampleError } from '@polymodal/core';

/** For what a tokenizer cannot put in tokens; Python's tokenizers fail too. */
export function unknownWord(word: string, unknownToken: string | undefined): SampleError {
  return new SampleError({
    expected: 'a text that the tokenizer has tokens for',
    received:
      unknownToken === undefined
        ? `one with ${JSON.stringify(word.slice(0, 40))}, which it has none for`
        : `${JSON.stringify(unknownToken)}, which is not in its vocabulary`,
    hint: 'The tokenizer has no unknown token. Use a byte-level one, or the tokenizer "bytes".',
  });
}
