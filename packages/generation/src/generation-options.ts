import { z } from 'zod';

const count = z.int().min(0);
const tokenId = z.int().min(0);
const tokenIds = z.array(tokenId);
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
  /** No sequence of so many tokens comes twice; 0 for no such rule. */
  noRepeatNgramSize: count.optional(),
  /** Tokens that never come. */
  suppressTokens: tokenIds.optional(),
  /** Tokens that do not come first. */
  beginSuppressTokens: tokenIds.optional(),
  /** Sequences of tokens that do not come. */
  badWordsIds: z.array(tokenIds.min(1)).optional(),
});

/** How sequences of tokens are continued: the options of HF `GenerationConfig` that are implemented, in camelCase. */
export type GenerationOptions = Readonly<z.output<typeof generationOptions>>;
