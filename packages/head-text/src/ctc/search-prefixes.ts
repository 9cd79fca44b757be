import { ConfigError, NonFiniteError, requireArgument, SampleError } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import type { FrameLogProbabilities } from './best-path';
import type { WrittenLabel } from './ctc-vocabulary';
import { Prefix } from './prefix';

/** How {@link searchPrefixes} searches. */
export interface PrefixSearch {
  /** How many prefixes are kept from frame to frame. */
  readonly numBeams: number;
  /** The id of the blank. */
  readonly blank: number;
  /** What else is known of texts: see {@link ScoreLabel}. */
  readonly scoreLabel?: ScoreLabel | undefined;
  /** Most labels that are looked at, numBeams × vocabulary × frames: 2³² by default. A larger search is refused before it begins. */
  readonly maxCandidates?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * What a label counts behind those before it, as a logarithm that is added: of a language model, weighed, or −∞ for what is no word of a list.
 * Asked for each label behind all labels that are kept.
 */
export type ScoreLabel = (before: readonly number[], id: number) => number;

/** Labels, and how likely they are. */
export interface FoundLabels {
  readonly ids: readonly number[];
  /** The same with the frames of each, in the likeliest way to write them that was kept. */
  readonly labels: readonly WrittenLabel[];
  /** log p(labels) as far as ways to write them were kept, with what `scoreLabel` gave. */
  readonly score: number;
}

/** What a search may cost where nothing else is said: some minutes. */
export const defaultMaxCandidates = 2 ** 32;

/** After so many candidates timers and signals have their turn: a few milliseconds. */
const candidatesAtOnce = 2 ** 16;

/**
 * The likeliest labels, each with all ways to write it that were kept: prefix beam search (Graves 2012, section 7.5.3; Hannun et al. 2014,
 * algorithm 1). A prefix has two sums, of the ways that end in a blank and of those that do not, since what comes next is a repetition to
 * the latter and another label to the former. It lets the event loop go on between frames.
 *
 * @returns at most `numBeams`, the likeliest first
 * @throws ConfigError for options, and frames that are not frames × size
 * @throws SampleError for a search among more than `maxCandidates`
 * @throws NonFiniteError for a frame behind which no text is possible any more
 * @throws the reason of the signal, if it is aborted
 */
export async function searchPrefixes(known: FrameLogProbabilities, search: PrefixSearch): Promise<FoundLabels[]> {
  const { data, frames, size } = known;
  const { numBeams, blank, scoreLabel, maxCandidates, signal } = search;
  const where = 'searchPrefixes';
  requireArgument(Number.isInteger(numBeams) && numBeams > 0, `${where}, numBeams`, 'a count of 1 at least', numBeams);
  const isId = Number.isInteger(blank) && blank >= 0 && blank < size;
  requireArgument(isId, `${where}, blank`, `an id of the vocabulary, from 0 to ${size - 1}`, blank);
  requireArgument(data.length === frames * size, `${where}, data`, `${frames} × ${size} numbers`, data.length);
  requireSearchable(known, numBeams, maxCandidates);
  signal?.throwIfAborted();
  let kept: Prefix[] = [Prefix.empty(blank)];
  let candidates = 0;
  for (let frame = 0; frame < frames; frame++) {
    kept = nextOf(kept, new Frame(data, frame, size, blank), numBeams, scoreLabel);
    candidates += numBeams * size;
    if (candidates < candidatesAtOnce) continue;
    candidates = 0;
    await tf.nextFrame(); // lets the signal hear, since searching does not
    signal?.throwIfAborted();
  }
  return kept.map(({ labels, score }) => ({ ids: labels.map(({ id }) => id), labels, score }));
}

/**
 * Refuses a search that would take too long, before it begins.
 *
 * @throws SampleError
 */
export function requireSearchable(
  { frames, size }: Pick<FrameLogProbabilities, 'frames' | 'size'>,
  numBeams: number,
  maxCandidates = defaultMaxCandidates,
): void {
  const candidates = numBeams * size * frames;
  if (candidates <= maxCandidates) return;
  throw new SampleError({
    expected: `a search among at most ${maxCandidates} candidates: numBeams × tokens of the vocabulary × frames`,
    received: `${numBeams} × ${size} × ${frames}, ${candidates}`,
    hint: 'Take fewer numBeams, cut the recording into parts, or raise maxCandidates and have patience.',
  });
}

/** The log-probabilities of one frame. */
class Frame {
  constructor(
    readonly data: ArrayLike<number>,
    readonly place: number,
    readonly size: number,
    readonly blank: number,
  ) {}

  of(id: number): number {
    return this.data[this.place * this.size + id];
  }
}

/** A prefix with one label more, which becomes one only if it is kept. */
interface Candidate {
  readonly prefix: Prefix;
  readonly id: number;
  /** Of all ways to it. */
  readonly ways: number;
  readonly known: number;
  readonly score: number;
}

/** The prefixes that are kept behind one frame more. */
function nextOf(kept: readonly Prefix[], frame: Frame, numBeams: number, scoreLabel: ScoreLabel | undefined): Prefix[] {
  const met = new Set(kept); // each stays what it is, in a blank or in its last label again
  const candidates = new Candidates(numBeams);
  for (const prefix of kept) {
    prefix.stay(frame.of(frame.blank), prefix.isEmpty ? Number.NEGATIVE_INFINITY : frame.of(prefix.id), frame.place);
    const before = scoreLabel ? prefix.labels.map(({ id }) => id) : [];
    for (let id = 0; id < frame.size; id++) {
      const sum = id === prefix.id ? prefix.inBlank : prefix.total;
      if (id === frame.blank || sum === Number.NEGATIVE_INFINITY) continue;
      const ways = sum + frame.of(id);
      const longer = prefix.longer(id);
      if (longer) {
        longer.enter(prefix, ways, frame.of(id), frame.place);
        met.add(longer);
      } else if (scoreLabel || ways + prefix.known > candidates.least) {
        const known = prefix.known + (scoreLabel ? scored(scoreLabel(before, id)) : 0);
        candidates.add({ prefix, id, ways, known, score: ways + known });
      }
    }
  }
  const isPossible = ({ score }: { readonly score: number }) => score > Number.NEGATIVE_INFINITY;
  const stayed = [...met].map((prefix) => ({ prefix, score: prefix.nextScore }));
  const best = [...stayed, ...candidates.best()]
    .filter(isPossible)
    .sort((a, b) => b.score - a.score)
    .slice(0, numBeams);
  if (best.length === 0) throw nothingLeft(frame);
  const next = best.map((one) => {
    if (!('id' in one)) return one.prefix;
    const longer = one.prefix.extend(one.id, one.known);
    longer.enter(one.prefix, one.ways, frame.of(one.id), frame.place);
    return longer;
  });
  for (const prefix of next) met.delete(prefix);
  for (const prefix of next) prefix.advance();
  for (const prefix of met) prefix.drop();
  return next;
}

/** The best of many, in no more room than twice as many as are kept. */
class Candidates {
  readonly #all: Candidate[] = [];
  /** What is not above it is not among the best. */
  least = Number.NEGATIVE_INFINITY;

  constructor(readonly most: number) {}

  add(candidate: Candidate): void {
    if (!(candidate.score > this.least)) return;
    this.#all.push(candidate);
    if (this.#all.length < 2 * this.most) return;
    this.best();
    this.least = this.#all[this.most - 1]!.score;
  }

  best(): readonly Candidate[] {
    this.#all.sort((a, b) => b.score - a.score);
    this.#all.length = Math.min(this.#all.length, this.most);
    return this.#all;
  }
}

function nothingLeft(frame: Frame): NonFiniteError {
  return new NonFiniteError({
    where: `frame ${frame.place}`,
    expected: 'log-probabilities by which some text is possible',
    received: `none: the blank has ${frame.of(frame.blank)}`,
    hint: 'NaN is of a model that is spoilt; −∞ of a blank leaves only the labels that scoreLabel allows.',
  });
}

/** @throws ConfigError for what is no number to add */
function scored(score: number): number {
  if (typeof score === 'number' && score < Number.POSITIVE_INFINITY) return score;
  const expected = 'a logarithm: a number, or −∞ for what may not be';
  throw new ConfigError({ where: 'scoreLabel', expected, received: String(score) });
}
