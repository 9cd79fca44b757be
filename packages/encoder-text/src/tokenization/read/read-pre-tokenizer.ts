import { z } from 'zod';
import * as preTokenizers from '../pre-tokenizers';
import type { PreTokenizer } from '../text-parts';
import type { Read } from './file-part';
import { readPattern } from './read-pattern';
import { byteLevelSchema, character, metaspaceSchema } from './schemas';

export const readPreTokenizer: Read<PreTokenizer> = (part) => part.component(readers);

const behavior = z.enum(['Removed', 'Isolated', 'MergedWithPrevious', 'MergedWithNext', 'Contiguous']);

const delimiter: Read<PreTokenizer> = (part) => {
  const point = part.parse(z.object({ delimiter: character })).delimiter.codePointAt(0)!;
  return preTokenizers.characterSplitter((each) => each === point, 'Removed');
};

const readers: Readonly<Record<string, Read<PreTokenizer>>> = {
  BertPreTokenizer: () => preTokenizers.bert,
  ByteLevel: (part) => preTokenizers.byteLevel(part.parse(byteLevelSchema)),
  CharDelimiterSplit: delimiter,
  Delimiter: delimiter,
  Metaspace(part) {
    const { replacement, prepend_scheme, split } = part.parse(metaspaceSchema);
    return preTokenizers.metaspace({ replacement, prependScheme: prepend_scheme, split: split ?? true });
  },
  Whitespace: () => preTokenizers.whitespace,
  Sequence: (part) => preTokenizers.preTokenizerSequence(part.list('pretokenizers', readPreTokenizer)),
  Split(part) {
    const options = part.parse(z.object({ behavior, invert: z.boolean() }));
    return preTokenizers.split(readPattern(part.at('pattern')), options.behavior, options.invert);
  },
  Punctuation: (part) =>
    preTokenizers.punctuation(part.parse(z.object({ behavior: behavior.default('Isolated') })).behavior),
  WhitespaceSplit: () => preTokenizers.whitespaceSplit,
  Digits: (part) => preTokenizers.digits(part.parse(z.object({ individual_digits: z.boolean() })).individual_digits),
  UnicodeScripts: () => preTokenizers.unicodeScripts,
  FixedLength: (part) => preTokenizers.fixedLength(part.parse(z.object({ length: z.int().min(1).default(5) })).length),
};
