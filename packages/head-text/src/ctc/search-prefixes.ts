import { ConfigError, NonFiniteError, requireArgument } from '@polymodal/core';
import { logAdd } from './align-labels';
import type { FrameLogProbabilities } from './best-path';

/** How {@link searchPrefixes} searches. */
export interface PrefixSearch {
  /** How many prefixes are kept from frame to frame. */
  readonly numBeams: number;
  /** The id of the blank. */
  readonly blank: number;
  /** What else is known of texts: see {@link ScoreLabel}. */
  readonly scoreLabel?: ScoreLabel | undefined;
}

/**
 * What a label counts behind those before it, as a logarithm that is added: of a language model, weighed, or −∞ for what is no word of a list.
 * Asked for each label behind all labels that are kept.
 */
export type ScoreLabel = (before: readonly number[], id: number) => number;

/** Labels, and how likely they are. */
export interface FoundLabels {
  readonly ids: readonly number[];
  /** log p(labels) as far as ways to write them were kept, with what `scoreLabel` gave. */
  readonly score: number;
}

/**
 * The likeliest labels, each with all ways to write it that were kept: prefix beam search (Graves 2012, section 7.5.3; Hannun et al. 2014,
 * algorithm 1). A prefix has two sums, of the ways that end in a blank and of those that do not, since what comes next is a repetition to
 * the latter and another label to the former.
 *
 * @returns at most `numBeams`, the likeliest first
 * @throws NonFiniteError for a frame behind which no text is possible any more
 */
export function searchPrefixes(
  { data, frames, size }: FrameLogProbabilities,
  { numBeams, blank, scoreLabel }: PrefixSearch,
): FoundLabels[] {
  requireArgument(
    Number.isInteger(numBeams) && numBeams > 0,
    'searchPrefixes, numBeams',
    'a count of 1 at least',
    numBeams,
  );
  let kept: Prefix[] = [new Prefix(undefined, blank)];
  kept[0].inBlank = 0;
  for (let frame = 0; frame < frames; frame++) {
    const met = new Set(kept); // each stays what it is, in a blank or in its last label again
    const emitted = (k: number) => data[frame * size + k];
    for (const prefix of kept) {
      const { id, total } = prefix;
      prefix.nextInBlank = total + emitted(blank);
      if (prefix.parent) prefix.nextInLabel = logAdd(prefix.nextInLabel, prefix.inLabel + emitted(id));
      for (let k = 0; k < size; k++) {
        const ways = k === id ? prefix.inBlank : total;
        if (k === blank || ways === Number.NEGATIVE_INFINITY) continue;
        const longer = prefix.extended(k, scoreLabel);
        longer.nextInLabel = logAdd(longer.nextInLabel, ways + emitted(k));
        met.add(longer);
      }
    }
    for (const prefix of met) prefix.advance();
    const sorted = [...met].filter(({ score }) => score > Number.NEGATIVE_INFINITY).sort((a, b) => b.score - a.score);
    for (const dropped of sorted.slice(numBeams)) dropped.drop();
    kept = sorted.slice(0, numBeams);
    if (kept.length === 0) throw nothingLeft(frame, emitted(blank));
  }
  return kept.map(({ ids, score }) => ({ ids, score }));
}

function nothingLeft(frame: number, blank: number): NonFiniteError {
  return new NonFiniteError({
    where: `frame ${frame}`,
    expected: 'log-probabilities by which some text is possible',
    received: `none: the blank has ${blank}`,
    hint: 'NaN is of a model that is spoilt; −∞ of a blank leaves only the labels that scoreLabel allows.',
  });
}

/** Labels that are written so far, with the ways to write them in the frames so far. */
class Prefix {
  inBlank = Number.NEGATIVE_INFINITY;
  inLabel = Number.NEGATIVE_INFINITY;
  nextInBlank = Number.NEGATIVE_INFINITY;
  nextInLabel = Number.NEGATIVE_INFINITY;
  readonly #longer = new Map<number, Prefix>();

  constructor(
    readonly parent: Prefix | undefined,
    readonly id: number,
    /** What `scoreLabel` gave for all of its labels. */
    readonly known = 0,
  ) {}

  get total(): number {
    return logAdd(this.inBlank, this.inLabel);
  }

  get score(): number {
    return this.total + this.known;
  }

  get ids(): number[] {
    const ids: number[] = [];
    for (let prefix: Prefix = this; prefix.parent; prefix = prefix.parent) ids.push(prefix.id);
    return ids.reverse();
  }

  /** The same prefix for each way that leads to it. */
  extended(id: number, scoreLabel: ScoreLabel | undefined): Prefix {
    const found = this.#longer.get(id);
    if (found) return found;
    const longer = new Prefix(this, id, this.known + (scoreLabel ? scored(scoreLabel(this.ids, id)) : 0));
    this.#longer.set(id, longer);
    return longer;
  }

  /** Goes on to the next frame. */
  advance(): void {
    [this.inBlank, this.inLabel] = [this.nextInBlank, this.nextInLabel];
    [this.nextInBlank, this.nextInLabel] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
  }

  /** Its ways so far are followed no further. It stays where longer ones are kept, so that it may be come to again and be the same. */
  drop(): void {
    [this.inBlank, this.inLabel] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
    if (this.#longer.size > 0 || !this.parent) return;
    this.parent.#longer.delete(this.id);
    if (this.parent.total === Number.NEGATIVE_INFINITY) this.parent.drop();
  }
}

/** @throws ConfigError for what is no number to add */
function scored(score: number): number {
  if (typeof score === 'number' && score < Number.POSITIVE_INFINITY) return score;
  const expected = 'a logarithm: a number, or −∞ for what may not be';
  throw new ConfigError({ where: 'scoreLabel', expected, received: String(score) });
}
