import type { RandomKey } from '@polymodal/core';
import { type GenerationOptions, generateTokens } from '@polymodal/generation';
import type { AttendedTokens, WrittenRows } from '@polymodal/head-text';
import * as tf from '@tensorflow/tfjs-core';
import { compressionRatio } from './compression-ratio';
import { afterFirst } from './detect-languages';
import type { WindowPrompt } from './heard';
import { AverageLogProbability } from './log-probability';
import { selectAttended } from './select-attended';
import { timestampRule } from './timestamp-rule';
import type { TranscribeOptions } from './transcribe-options';
import type { WhisperHead } from './whisper-decoder';

/** What is written of a window. */
export interface WrittenWindow {
  /** Without the prompt and the end. */
  readonly ids: readonly number[];
  /** Of the drawing that was kept; 0 where nothing was drawn. */
  readonly temperature: number;
  /** Whether nothing was said, so that what was written is passed over. */
  readonly isSilent: boolean;
}

/** What windows are written with. */
export interface WindowControl {
  readonly options: TranscribeOptions;
  readonly key: RandomKey;
}

/** What a window is written behind, and how. */
interface AskedWindow extends WindowPrompt {
  /** Whether what is written says when it was said. */
  readonly timestamps: boolean;
}

/**
 * Writes what is said in windows: at the first temperature, and again at the next one where what was written is unlikely, or repeats itself
 * (Radford et al. 2023, section 4.5; HF `generate_with_fallback`).
 *
 * @param attended of each window, what the encoder made of it
 */
export async function writeWindows(
  head: WhisperHead,
  attended: AttendedTokens,
  windows: readonly AskedWindow[],
  { options, key }: WindowControl,
): Promise<WrittenWindow[]> {
  const written: WrittenWindow[] = [];
  const { temperatures } = options;
  const whole = head.writing(attended);
  try {
    const silence =
      options.noSpeechThreshold === undefined
        ? undefined
        : await silenceOf(
            head,
            whole.decoder,
            windows.map(({ ids, earlier }) => ids.subarray(0, earlier + 1)),
          );
    let open = [...windows.keys()];
    for (const [attempt, temperature] of temperatures.entries()) {
      const isAll = open.length === windows.length;
      const rows = isAll ? whole : writingOf(head, attended, open);
      try {
        const own = open.map((row) => windows[row]!);
        const drafts = await draft(head, rows.decoder, own, { options, temperature, key: key.fold(attempt) });
        const again: number[] = [];
        for (const [index, { ids, likelihood }] of drafts.entries()) {
          const row = open[index]!;
          const isUnlikely = options.logprobThreshold !== undefined && likelihood < options.logprobThreshold;
          const isSilent = isUnlikely && silence !== undefined && silence[row]! > options.noSpeechThreshold!;
          const repeats =
            options.compressionRatioThreshold !== undefined &&
            (await compressionRatio(ids, head.decoder.vocabSize)) > options.compressionRatioThreshold;
          const end = ids.at(-1) === head.target.endTokenId ? -1 : undefined;
          written[row] = { ids: ids.slice(0, end), temperature, isSilent };
          if ((isUnlikely || repeats) && !isSilent) again.push(row);
        }
        open = again;
      } finally {
        if (!isAll) rows.dispose();
      }
      if (open.length === 0) break;
    }
    return written;
  } finally {
    whole.dispose();
  }
}

/** What writes about some of the windows. */
function writingOf(head: WhisperHead, attended: AttendedTokens, rows: readonly number[]): WrittenRows {
  const own = selectAttended(attended, rows);
  try {
    return head.writing(own);
  } finally {
    tf.dispose({ ...own });
  }
}

interface DraftControl extends WindowControl {
  readonly temperature: number;
}

interface Draft {
  readonly ids: readonly number[];
  /** The mean log-probability of the tokens. */
  readonly likelihood: number;
}

async function draft(
  head: WhisperHead,
  decoder: Parameters<typeof generateTokens>[0],
  windows: readonly AskedWindow[],
  { options, temperature, key }: DraftControl,
): Promise<Draft[]> {
  const { tokens, target, generation } = head;
  const { maxNewTokens, signal } = options;
  const endTokenId = target.endTokenId!;
  const prompts = windows.map(({ ids }) => ids);
  const rule =
    tokens.noTimestampsTokenId !== undefined
      ? timestampRule({ ...tokens, noTimestampsTokenId: tokens.noTimestampsTokenId, endTokenId })
      : undefined;
  const { maxLength: usual = decoder.maxLength, maxNewTokens: _, numReturnSequences: __, ...rest } = generation;
  const longest = Math.max(...prompts.map((ids) => ids.length));
  const most = Math.min(usual + Math.min(Math.floor(decoder.maxLength / 2) - 1, longest), decoder.maxLength);
  const numBeams = temperature > 0 ? 1 : (options.numBeams ?? rest.numBeams ?? 1);
  const drawing: GenerationOptions = temperature > 0 ? { doSample: true, temperature } : { doSample: false };
  const isMeasured = options.logprobThreshold !== undefined;
  const likelihoods = prompts.map(() => new AverageLogProbability(numBeams > 1));
  const ids = prompts.map((): number[] => []);
  const turns = generateTokens(decoder, prompts, {
    ...{ ...rest, ...drawing, numBeams, eosTokenId: endTokenId, key },
    ...(maxNewTokens === undefined ? { maxLength: most } : { maxNewTokens }),
    processors: (index) => [
      ...(rule && windows[index]!.timestamps ? [rule] : []),
      ...(isMeasured ? [likelihoods[index]!.process] : []),
    ],
    ...(signal && { signal }),
  });
  for await (const turn of turns) {
    for (const { index, id, score } of turn) {
      const own = ids[index]!;
      own.push(id);
      if (!isMeasured) continue;
      if (numBeams === 1) likelihoods[index]!.add(id, temperature > 0 ? temperature : 1);
      else if (score !== undefined)
        likelihoods[index]!.addSequence(own, score * own.length ** (rest.lengthPenalty ?? 1));
    }
  }
  return ids.map((own, index) => ({ ids: own, likelihood: likelihoods[index]!.value }));
}

/** The probability that nothing is said in each window: that of the token before `<|notimestamps|>`, behind the first token. */
async function silenceOf(
  { tokens }: WhisperHead,
  decoder: Parameters<typeof afterFirst>[0],
  prompts: readonly Int32Array[],
): Promise<number[]> {
  const logits = await afterFirst(decoder, prompts);
  const silent = tokens.noTimestampsTokenId! - 1;
  return logits.map((own) => {
    let sum = 0;
    for (const logit of own) sum += Math.exp(logit - own[silent]!);
    return 1 / sum;
  });
}
