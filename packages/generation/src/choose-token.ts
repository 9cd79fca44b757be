import { type RandomKey, StateError } from '@polymodal/core';
import type { Constraint } from './constraint/constraint';
import type { GenerationOptions } from './generation-options';
import { excludeSequences, excludeTokens, excludeUntil } from './logits/exclude-tokens';
import { frequencyPenalty } from './logits/frequency-penalty';
import { minP, topK, topP, typicalP } from './logits/keep-likely';
import { EXCLUDED, type LogitsProcessor, type SequenceSoFar } from './logits/logits-processor';
import { noRepeatNgrams } from './logits/no-repeat-ngrams';
import { probabilities } from './logits/probabilities';
import { repetitionPenalty } from './logits/repetition-penalty';
import { temperature } from './logits/temperature';

/** What {@link logitsProcessors} makes processors of. */
export interface ChoiceOptions extends GenerationOptions {
  readonly minNewTokens: number;
  readonly eosTokenIds: readonly number[];
}

/**
 * The processors that options ask for, in the order of Python's transformers.
 *
 * @param more those of the caller, which stand before what only drawing reads
 */
export function logitsProcessors(
  options: ChoiceOptions,
  constraint?: Constraint,
  more: readonly LogitsProcessor[] = [],
): LogitsProcessor[] {
  const { eosTokenIds, minNewTokens } = options;
  const isEnd = (sequence: readonly number[]) => sequence.length === 1 && eosTokenIds.includes(sequence[0]);
  const badWords = options.badWordsIds?.filter((sequence) => !isEnd(sequence));
  const always = [
    needed(repetitionPenalty, options.repetitionPenalty, 1),
    (options.frequencyPenalty || options.presencePenalty) &&
      frequencyPenalty(options.frequencyPenalty ?? 0, options.presencePenalty ?? 0),
    needed(noRepeatNgrams, options.noRepeatNgramSize, 0),
    badWords && excludeSequences(badWords),
    minNewTokens > 0 && excludeUntil(minNewTokens, eosTokenIds),
    options.suppressTokens && excludeTokens(options.suppressTokens),
    options.beginSuppressTokens && excludeUntil(1, options.beginSuppressTokens),
    constraint?.processor(eosTokenIds),
  ];
  const ofDrawing = [
    needed(temperature, options.temperature, 1),
    needed(topK, options.topK ?? 50, 0),
    needed(topP, options.topP, 1),
    needed(minP, options.minP, 0),
    needed(typicalP, options.typicalP, 1),
  ];
  return [...always, ...more, ...(options.doSample ? ofDrawing : [])].filter(
    (processor) => typeof processor === 'function',
  );
}

function needed(make: (value: number) => LogitsProcessor, value: number | undefined, neutral: number) {
  return value !== undefined && value !== neutral && make(value);
}

/**
 * The next token of a sequence: the most likely one, or with a key one that is drawn by its probability.
 *
 * @param logits (V), which the processors change
 * @param excluding names of options that exclude tokens, for the error
 * @throws StateError if no token may come, or the logits are not numbers
 */
export function chooseToken(
  logits: Float32Array,
  sequence: SequenceSoFar,
  processors: readonly LogitsProcessor[],
  key: RandomKey | undefined,
  excluding: readonly string[] = [],
): number {
  for (const process of processors) process(logits, sequence);
  const token = key ? drawn(probabilities(logits), key.uniform(1)[0]) : mostLikely(logits);
  if (logits[token] > EXCLUDED) return token;
  throw nothingFollows(sequence, excluding, Number.isNaN(logits[token]));
}

/** Where no token may come. @param excluding names of options that exclude tokens */
export function nothingFollows(
  { ids, promptLength, place }: SequenceSoFar,
  excluding: readonly string[],
  isNumberless = false,
): StateError {
  const hint =
    excluding.length > 0
      ? `Beside the constraint, these options exclude tokens: ${excluding.join(', ')}. Leave them out.`
      : 'Some vocabularies have no token for a character of a constraint, for "{" say.';
  return new StateError({
    where: `token ${ids.length - promptLength} of a sequence`,
    expected: 'a token that may come',
    received: isNumberless ? 'logits that are not numbers' : 'options that exclude all of them',
    hint: place && !isNumberless ? hint : undefined,
  });
}

/** The first of the largest. */
function mostLikely(logits: Float32Array): number {
  let best = 0;
  for (let id = 1; id < logits.length; id++) if (logits[id] > logits[best]) best = id;
  return best;
}

/** The token in whose part of [0, 1) a number lies. */
function drawn(shares: Float64Array, uniform: number): number {
  let rest = uniform;
  let last = 0;
  for (let id = 0; id < shares.length; id++) {
    if (shares[id] === 0) continue;
    last = id;
    rest -= shares[id];
    if (rest < 0) break;
  }
  return last;
}
