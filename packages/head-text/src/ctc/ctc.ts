import { ConfigError, defineHead, type Encoders, suggestNames, UnknownNameError } from '@polymodal/core';
import { z } from 'zod';
import { readingOf } from '../slot-tokens';
import { CtcHead } from './ctc-head';
import { ctcTarget } from './ctc-target';

/**
 * The head `ctc`: a {@link CtcHead}.
 *
 * ```ts
 * const config = defineConfig(createRegistry([audio, fusion, headText]), {
 *   hiddenSize: 64,
 *   encoders: { speech: { use: 'mel-transformer' } },
 *   fusion: { use: 'none' },
 *   heads: { text: { use: 'ctc', vocabulary: ' abcdefghijklmnopqrstuvwxyz' } },
 * });
 * ```
 */
export const ctc = defineHead({
  name: 'ctc',
  target: ctcTarget,
  config: z.object({
    /** The slot whose tokens are read in their order; by default the only one. */
    of: z.string().min(1).optional(),
    /** Dropout of the tokens. */
    dropout: z.number().min(0).lt(1).default(0),
    /**
     * What counts alike: `'mean'`, each label of a text (PyTorch's default), or `'sum'`, all labels of it together. Of texts the loss is the
     * mean in either case.
     */
    reduction: z.enum(['mean', 'sum']).default('mean'),
    /** Whether a text that the frames are too few for teaches nothing, in place of being refused (PyTorch's `zero_infinity`). */
    zeroInfinity: z.boolean().default(false),
  }),
  create: ({ of: asked, ...config }, { encoders, fusion, target }) => {
    const of = slotOf(asked, encoders);
    return new CtcHead({ ...config, of, target, encoder: encoders[of], ...readingOf(of, fusion, encoders) });
  },
});

/** @throws ConfigError where none is named of several, UnknownNameError for one that there is not */
function slotOf(asked: string | undefined, encoders: Encoders): string {
  const slots = Object.keys(encoders);
  if (asked !== undefined && slots.includes(asked)) return asked;
  if (asked === undefined && slots.length === 1) return slots[0];
  const expected = 'the slot whose values are written down';
  if (asked === undefined) {
    const received = 'none named';
    throw new ConfigError({ where: 'of', expected, received, hint: `One of ${slots.join(', ')}.` });
  }
  throw new UnknownNameError({ where: 'of', expected, received: `"${asked}"`, hint: suggestNames(asked, slots) });
}
