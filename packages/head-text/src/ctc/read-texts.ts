import { type HostTensor, type HostTensor2D, hostTensor } from '@polymodal/core';
import { logProbabilityOf } from './align-labels';
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
  /** Stops a search. */
  readonly signal?: AbortSignal | undefined;
}

/** What the scores of the head say of each row. @throws the reason of the signal, if it is aborted */
export async function readTexts(
  { logProbabilities, mask }: Readonly<Record<string, HostTensor>>,
  rows: number,
  reading: Reading,
): Promise<CtcText[]> {
  const [, length, size] = logProbabilities.shape;
  const texts: CtcText[] = [];
  for (let row = 0; row < rows; row++) {
    const frames = Array.from(mask.data.subarray(row * length, (row + 1) * length)).filter((one) => one === 1).length;
    const data = logProbabilities.data.subarray(row * length * size, (row * length + frames) * size);
    // Of a row that is spoilt the model says so, whatever is read.
    const own = data.every(Number.isFinite) ? reading : { ...reading, asked: { ...reading.asked, numBeams: 1 } };
    const read = await readText({ data, frames, size }, own);
    const told = { logProbabilities: hostTensor(Float32Array.from(data), [frames, size]) };
    texts.push(reading.asked.logProbabilities ? { ...read, ...told } : read);
  }
  return texts;
}

/** What the frames of one recording say. @throws what {@link searchPrefixes} throws, where it searches */
export async function readText(known: FrameLogProbabilities, reading: Reading): Promise<CtcText> {
  const { blank } = reading.vocabulary;
  const { numReturnSequences } = reading.asked;
  const sequences = (await likeliest(known, reading)).slice(0, numReturnSequences).map((labels): CtcSequence => {
    const ids = Int32Array.from(labels, ({ id }) => id);
    const text = reading.vocabulary.decode(ids);
    return { text, ids, logProbability: logProbabilityOf(known, ids, blank), words: wordsOf(labels, reading) };
  });
  const [best] = sequences;
  return numReturnSequences === 1 ? best : { ...best, sequences };
}

/** The words alone of what {@link readText} reads, without how likely they are: of long recordings that takes more than all the rest. */
export async function readWords(known: FrameLogProbabilities, reading: Reading): Promise<SpokenWord[]> {
  const [labels] = await likeliest(known, reading);
  return wordsOf(labels, reading);
}

async function likeliest(
  known: FrameLogProbabilities,
  { vocabulary: { blank }, asked, signal }: Reading,
): Promise<(readonly WrittenLabel[])[]> {
  const { numBeams, scoreLabel, maxCandidates } = asked;
  if (numBeams === 1) return [bestPath(known, blank)];
  const found = await searchPrefixes(known, { numBeams, blank, scoreLabel, maxCandidates, signal });
  return found.map(({ labels }) => labels);
}

function wordsOf(labels: readonly WrittenLabel[], { vocabulary, frameSeconds }: Reading): SpokenWord[] {
  return vocabulary.words(labels).map((word) => ({
    ...word,
    ...(frameSeconds !== undefined && {
      start: word.startFrame * frameSeconds,
      end: word.endFrame * frameSeconds,
    }),
  }));
}
