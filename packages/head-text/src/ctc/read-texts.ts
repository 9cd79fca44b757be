import { type HostTensor, type HostTensor2D, hostTensor } from '@polymodal/core';
import { alignLabels } from './align-labels';
import { bestPath, type FrameLogProbabilities } from './best-path';
import type { CtcOptions } from './ctc-options';
import type { CtcVocabulary, WrittenLabel, WrittenSpan } from './ctc-vocabulary';
import { searchPrefixes } from './search-prefixes';

/** A word, and when it is said. */
export interface SpokenWord extends WrittenSpan {
  /** Seconds from the beginning, where the encoder says how long a frame is. */
  readonly start?: number;
  readonly end?: number;
}

/** A text that may be what was said. */
export interface CtcSequence {
  readonly text: string;
  /** Its labels. */
  readonly ids: Int32Array;
  /** log p(text | recording), of all ways to write it in the frames. */
  readonly logProbability: number;
  readonly words: readonly SpokenWord[];
}

/** What the head `ctc` answers. */
export interface CtcText extends CtcSequence {
  /** Where several are asked for, all of them, the likeliest first. */
  readonly sequences?: readonly CtcSequence[];
  /** Where they are asked for, those of each frame's tokens: (T, V). */
  readonly logProbabilities?: HostTensor2D;
}

/** How {@link readTexts} reads. */
export interface Reading {
  readonly vocabulary: CtcVocabulary;
  readonly frameSeconds: number | undefined;
  readonly asked: Pick<CtcOptions, 'numBeams' | 'numReturnSequences' | 'scoreLabel'> & Partial<CtcOptions>;
}

/** What the scores of the head say of each row. */
export function readTexts(
  { logProbabilities, mask }: Readonly<Record<string, HostTensor>>,
  rows: number,
  reading: Reading,
): CtcText[] {
  const [, length, size] = logProbabilities.shape;
  return Array.from({ length: rows }, (_, row) => {
    const frames = Array.from(mask.data.subarray(row * length, (row + 1) * length)).filter((one) => one === 1).length;
    const data = logProbabilities.data.subarray(row * length * size, (row * length + frames) * size);
    const read = readText({ data, frames, size }, reading);
    if (!reading.asked.logProbabilities) return read;
    return { ...read, logProbabilities: hostTensor(Float32Array.from(data), [frames, size]) };
  });
}

/** What the frames of one recording say. */
export function readText(known: FrameLogProbabilities, reading: Reading): CtcText {
  const { numBeams, numReturnSequences, scoreLabel } = reading.asked;
  const { blank } = reading.vocabulary;
  if (numBeams === 1) {
    const labels = bestPath(known, blank);
    const ids = labels.map(({ id }) => id);
    return sequenceOf(labels, alignLabels(known, ids, blank).logProbability, reading);
  }
  const sequences = searchPrefixes(known, { numBeams, blank, scoreLabel })
    .slice(0, numReturnSequences)
    .map(({ ids }) => {
      const { labels, logProbability } = alignLabels(known, ids, blank);
      return sequenceOf(labels, logProbability, reading);
    });
  const [best] = sequences;
  return numReturnSequences === 1 ? best : { ...best, sequences };
}

function sequenceOf(
  labels: readonly WrittenLabel[],
  logProbability: number,
  { vocabulary, frameSeconds }: Reading,
): CtcSequence {
  const ids = Int32Array.from(labels, ({ id }) => id);
  const words = vocabulary.words(labels).map((word) => ({
    ...word,
    ...(frameSeconds !== undefined && {
      start: word.startFrame * frameSeconds,
      end: word.endFrame * frameSeconds,
    }),
  }));
  return { text: vocabulary.decode(ids), ids, logProbability, words };
}
