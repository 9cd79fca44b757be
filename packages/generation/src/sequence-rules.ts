import { logitsProcessors } from './choose-token';
import type { Constraint } from './constraint/constraint';
import type { FinishReason } from './continue-sequences';
import type { GenerationOptions } from './generation-options';
import type { GrowingSequence } from './growing-sequence';
import type { LogitsProcessor } from './logits/logits-processor';
import type { EndsWith } from './stop-strings';

/** What may follow in a sequence, and when it ends. */
export interface SequenceRules {
  /** Of the logits of what follows. */
  readonly processors: readonly LogitsProcessor[];
  /** Names of the options by which tokens do not come whatever they are. */
  readonly excluding: readonly string[];
  /** Most tokens that are added. */
  readonly limit: number;
  /** Why a sequence ends with its last token; undefined where it goes on. */
  finishReason(sequence: GrowingSequence): FinishReason | undefined;
}

/** What there is beside options. */
interface MoreRules {
  readonly endsWith?: EndsWith | undefined;
  readonly constraint?: Constraint | undefined;
  /** Of the caller. */
  readonly processors?: readonly LogitsProcessor[] | undefined;
}

/** The rules of one prompt, whatever stands beside it. */
export function sequenceRules(
  options: GenerationOptions,
  promptLength: number,
  limit: number,
  { endsWith, constraint, processors }: MoreRules = {},
): SequenceRules {
  const eosTokenIds = endsOf(options);
  const minNewTokens = Math.max(options.minNewTokens ?? 0, (options.minLength ?? 0) - promptLength);
  return {
    processors: logitsProcessors({ ...options, minNewTokens, eosTokenIds }, constraint, processors),
    excluding: excludingOptions.filter((name) => options[name]),
    limit,
    finishReason({ ids, promptLength: known, place }) {
      if (eosTokenIds.includes(ids[ids.length - 1]) || endsWith?.(ids)) return 'stop';
      if (place?.accepts && !place.goesOn) return 'stop';
      return ids.length - known >= limit ? 'length' : undefined;
    },
  };
}

const excludingOptions = ['suppressTokens', 'beginSuppressTokens', 'badWordsIds', 'noRepeatNgramSize'] as const;

/** The tokens that end a sequence. */
export function endsOf({ eosTokenId }: GenerationOptions): readonly number[] {
  return [eosTokenId ?? []].flat();
}

/** How many rows are decoded behind each prompt. */
export function rowsOf({ numBeams = 1, numReturnSequences = 1 }: GenerationOptions): number {
  return numBeams > 1 ? numBeams : numReturnSequences;
}
