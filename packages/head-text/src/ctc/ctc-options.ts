import { z } from 'zod';
import { defaultMaxCandidates, type ScoreLabel } from './search-prefixes';

/** What may be asked of the head `ctc` at each prediction. */
export const ctcOptions = z
  .strictObject({
    /** How many prefixes a search keeps; 1 (default) takes the likeliest token of each frame. */
    numBeams: z.int().min(1).max(1024).default(1),
    /** How many of the texts that were found are told, the likeliest first. */
    numReturnSequences: z.int().min(1).default(1),
    /** Whether the log-probabilities of the frames are told too, for whoever reads them himself. */
    logProbabilities: z.boolean().default(false),
    /** Most labels that a search looks at, numBeams × vocabulary × frames; a larger one is refused before it begins. */
    maxCandidates: z.number().positive().default(defaultMaxCandidates),
    /** What else is known of texts, a language model say: what a label counts behind those before it, as a logarithm. */
    scoreLabel: z.custom<ScoreLabel>((given) => typeof given === 'function', 'a function').optional(),
  })
  .refine(({ numBeams, numReturnSequences }) => numReturnSequences <= numBeams, {
    path: ['numReturnSequences'],
    error: 'at most numBeams',
  })
  .refine(({ numBeams, scoreLabel }) => numBeams > 1 || scoreLabel === undefined, {
    path: ['scoreLabel'],
    error: 'nothing, or numBeams of 2 at least: without a search nothing is scored',
  });

export type CtcOptions = z.output<typeof ctcOptions>;
