import { mutantsOf } from '../mutant';

const spans = 'packages/head-text/src/spans';
const tests = [spans, 'packages/architectures/src/text-spans'];

/** Faults of heads that point into texts, and of where tokens stand. */
export const textSpanFaults = [
  ...mutantsOf(`${spans}/located-text.ts`, tests, {
    'a span may cut a character': ['if (cut === undefined) return', 'if (cut !== -1) return'],
    'a span may be empty': ['from! < to!', 'from! <= to!'],
    'a span may be of white space alone': ["own.trim() !== ''", "own !== ''"],
  }),
  ...mutantsOf('packages/head-text/src/slot-tokens.ts', ['packages/architectures/src/text-spans'], {
    'a vector of a slot is taken for its tokens': [
      "fusion.offers.includes('owner') && fusion.keepsTokens",
      "fusion.offers.includes('owner')",
    ],
  }),
  ...mutantsOf('packages/hub/src/family/resolve-family.ts', ['packages/cli/src/commands/hub-convert'], {
    'of families of one encoder the first is taken, whatever class is named': [
      'named?.includes(architectures[model_type])',
      '!named?.includes(architectures[model_type])',
    ],
  }),
  ...mutantsOf(`${spans}/token-target.ts`, tests, {
    'every token of a span begins one': ['!begun.has(span)', 'true'],
    'spans that overlap are learned': ['span.start < spans[at - 1]!.end', 'span.start < spans[at - 1]!.start'],
    'tokens that are not learned count': ['Number(tag >= 0)', '1'],
  }),
  ...mutantsOf(`${spans}/tags.ts`, tests, {
    'a span goes on where another begins': ['last.label === label && !begins', 'last.label === label'],
  }),
  ...mutantsOf(`${spans}/spans-in.ts`, tests, {
    'of tokens in two windows the first counts': ['contextOf(token) > contextOf(other)', 'false'],
  }),
  ...mutantsOf(`${spans}/best-span.ts`, tests, {
    'an answer goes from one window to another': ['last.window !== token.window || last.start < 0', 'last.start < 0'],
    'no answer is said where one window says it': ['none <= sum', 'none >= sum'],
  }),
  ...mutantsOf(`${spans}/span-head.ts`, tests, {
    'the loss is the sum of both cross-entropies': [', 0.5);', ', 1);'],
    'padding takes part in where an answer is': [
      'tf.where(isToken, ofWindow, tf.fill(ofWindow.shape, noToken))',
      'ofWindow',
    ],
  }),
  ...mutantsOf(`${spans}/span-target.ts`, tests, {
    'positions of SQuAD are taken for units of UTF-16': [
      "within.join('').length + (point as number) - within.length",
      'within && point',
    ],
  }),
  ...mutantsOf(
    'packages/encoder-text/src/tokenization/truncate.ts',
    ['packages/encoder-text/src/file-tokenizer.test.ts'],
    {
      'windows do not overlap': ['start += length - stride', 'start += length'],
    },
  ),
  ...mutantsOf('packages/encoder-text/src/file-tokenizer.ts', ['packages/encoder-text/src/file-tokenizer.test.ts'], {
    'the question of a pair is searched for answers': [' && encoding.sequences[index] === last', ''],
  }),
];
