import { mutantsOf } from '../mutant';

const logits = ['packages/encoder-text/src/generation'];

/** Faults of generation: choosing tokens, caches. */
export const generationFaults = [
  ...mutantsOf('packages/encoder-text/src/causal-bias.ts', ['packages/encoder-text/src/causal-bias'], {
    'causal: a token sees the next one': ['query * length + query + 1)', 'query * length + query + 2)'],
    'causal: the window is one too long': ['query - window + 1)', 'query - window)'],
  }),
  ...mutantsOf('packages/encoder-text/src/generation/logits/temperature.ts', logits, {
    'generation: multiplies by the temperature': ['logits[id] /= value', 'logits[id] *= value'],
  }),
  ...mutantsOf('packages/encoder-text/src/generation/logits/repetition-penalty.ts', logits, {
    'generation: the penalty rewards what is negative': [
      'logits[id] < 0 ? logits[id] * penalty : logits[id] / penalty',
      'logits[id] / penalty',
    ],
  }),
  ...mutantsOf('packages/encoder-text/src/generation/logits/keep-likely.ts', logits, {
    'generation: top-p keeps one token too few': ['below + shares[kept] <= 1 - p', 'below <= 1 - p'],
  }),
];
