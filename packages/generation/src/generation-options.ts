import { z } from 'zod';
import { constraintOption } from './constraint/constraint-option';

const count = z.int().min(0);
const tokenId = z.int().min(0);
const tokenIds = z.array(tokenId);
const stopString = z.string().min(1);
/** Of one prompt, so that a slip of a digit does not take all memory. */
const mostSequences = 1024;
const share = z.number().gt(0).max(1);

/** How sequences of tokens are continued: the options of HF `GenerationConfig` that are implemented, in camelCase. */
export const generationOptions = z.strictObject({
  /** Most tokens that are added. 20 unless this or `maxLength` is given. */
  maxNewTokens: z.int().positive().optional(),
  /** Most tokens of a prompt and what is added to it, whatever stands beside it. `maxNewTokens` goes before it. */
  maxLength: z.int().positive().optional(),
  /** Fewest tokens that are added: before that, none ends. */
  minNewTokens: count.optional(),
  /** Fewest tokens of a prompt and what is added to it. */
  minLength: count.optional(),
  /** Tokens that end a sequence. */
  eosTokenId: z.union([tokenId, tokenIds]).optional(),
  /** Whether tokens are drawn by their probability; otherwise the most likely one is taken. */
  doSample: z.boolean().optional(),
  /** Of drawing: what logits are divided by. */
  temperature: z.number().positive().optional(),
  /** Of drawing: how many of the most likely tokens may come; 50 unless told otherwise, 0 for all. */
  topK: count.optional(),
  /** Of drawing: the fewest tokens whose probabilities sum up to it may come. */
  topP: share.optional(),
  /** Of drawing: how likely a token must be, as a share of the most likely one. */
  minP: z.number().min(0).max(1).optional(),
  /** Of drawing: the fewest tokens of nearly average information whose probabilities sum up to it may come. */
  typicalP: share.optional(),
  /** Above 1, tokens that were there are less likely to come again. */
  repetitionPenalty: z.number().positive().optional(),
  /** What a token loses of its logit for each time that it was written; below 0 it gains. The prompt does not count. */
  frequencyPenalty: z.number().optional(),
  /** What a token loses of its logit if it was written; below 0 it gains. The prompt does not count. */
  presencePenalty: z.number().optional(),
  /** No sequence of so many tokens comes twice; 0 for no such rule. */
  noRepeatNgramSize: count.optional(),
  /** Tokens that never come. */
  suppressTokens: tokenIds.optional(),
  /** Tokens that do not come first. */
  beginSuppressTokens: tokenIds.optional(),
  /** Sequences of tokens that do not come. */
  badWordsIds: z.array(tokenIds.min(1)).optional(),
  /** Texts that end a sequence, with the token in which one is complete: it stays in the text, with what this token has behind it. */
  stopStrings: z.union([stopString, z.array(stopString).min(1)]).optional(),
  /** What a text is constrained to: each token leaves it one that can still become such a text, which ends when it is. */
  constraint: constraintOption.optional(),
  /** How many sequences are written behind each prompt: drawn ones, or the best of search in beams. */
  numReturnSequences: z.int().min(1).max(mostSequences).optional(),
  /** Above 1, the likeliest of whole sequences is sought among so many at a time. */
  numBeams: z.int().min(1).max(mostSequences).optional(),
  /** Of beams: the power of its length that the log-probability of a sequence is divided by; above 0, longer ones are better, up to 32. 1 by default. */
  lengthPenalty: z.number().min(-32).max(32).optional(),
  /**
   * Of beams: whether a search ends as soon as there are as many finished sequences as beams. If not, it ends when better ones are unlikely, or,
   * with `'never'`, when there can be none.
   */
  earlyStopping: z.union([z.boolean(), z.literal('never')]).optional(),
});

/** How sequences of tokens are continued: the options of HF `GenerationConfig` that are implemented, in camelCase. */
export type GenerationOptions = Readonly<z.output<typeof generationOptions>>;
