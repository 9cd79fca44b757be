import { ConfigError, describeValue } from '@polymodal/core';

/** CIDEr-D of texts that were written. */
export interface CiderScores {
  /** The mean, 0 to 10. */
  readonly score: number;
  /** Of each text, in their order. */
  readonly scores: readonly number[];
}

/** Longest n-grams that are compared, in words. */
const longest = 4;
/** Of the penalty for another length, in words. */
const sigma = 6;

/**
 * How much captions have in common with what people wrote of the same pictures: CIDEr-D (Vedantam et al. 2015, equation 5 and section 5; `Cider`
 * of pycocoevalcap). For n from 1 to 4 it is the cosine between the n-grams of a caption and of a reference, weighted by how few of the
 * pictures have references with them, each counted at most as often as the reference has it, times a penalty for another number of words;
 * the mean over n and over a caption's references, times 10. Weights come from the references that are given, so that a figure is one of all
 * its texts together: it does not compare across sets, and of a single text it is 0. A text of fewer than four words cannot reach 10, since it has
 * no n-grams of four.
 *
 * Words are lower-case runs of letters and digits, of Chinese characters each; punctuation does not count, as in the tokenizer of COCO.
 *
 * ```ts
 * const { score } = cider(['a red circle'], [['a red circle', 'a round red thing']]);
 * ```
 *
 * @param candidates one for each picture
 * @param references of each picture, at least one
 * @throws ConfigError for lists of different lengths or of none, for a picture without references, and for what is no text
 */
export function cider(candidates: readonly string[], references: readonly (readonly string[])[]): CiderScores {
  requireTexts(candidates, references);
  const written = candidates.map(countNgrams);
  const wanted = references.map((own) => own.map(countNgrams));
  const frequencies = documentFrequencies(wanted);
  const weigh = (counts: NgramCounts) => weighed(counts, frequencies, references.length);
  const scores = written.map((counts, index) => {
    const own = weigh(counts);
    const sum = wanted[index].reduce((total, reference) => total + similarity(own, weigh(reference)), 0);
    return (10 * sum) / wanted[index].length;
  });
  return { score: scores.reduce((sum, own) => sum + own, 0) / scores.length, scores };
}

/** How often a text has each n-gram, for n = 1 … 4, and how many words. */
interface NgramCounts {
  readonly counts: readonly ReadonlyMap<string, number>[];
  readonly words: number;
}

function countNgrams(text: string): NgramCounts {
  const words = text.toLowerCase().normalize('NFC').match(word) ?? [];
  const counts = Array.from({ length: longest }, (_, n) => {
    const own = new Map<string, number>();
    for (let start = 0; start + n < words.length; start++) {
      const ngram = words.slice(start, start + n + 1).join(' ');
      own.set(ngram, (own.get(ngram) ?? 0) + 1);
    }
    return own;
  });
  return { counts, words: words.length };
}

const word = /\p{Script=Han}|(?:(?!\p{Script=Han})[\p{L}\p{M}\p{N}])+/gu;

/** Of how many pictures some reference has an n-gram. */
function documentFrequencies(references: readonly (readonly NgramCounts[])[]): ReadonlyMap<string, number> {
  const frequencies = new Map<string, number>();
  for (const own of references) {
    const ngrams = new Set(own.flatMap(({ counts }) => counts.flatMap((ofLength) => [...ofLength.keys()])));
    for (const ngram of ngrams) frequencies.set(ngram, (frequencies.get(ngram) ?? 0) + 1);
  }
  return frequencies;
}

/** Of an n-gram of a text, its count times log(pictures / pictures with it). */
interface Weighed {
  readonly vectors: readonly ReadonlyMap<string, number>[];
  readonly norms: readonly number[];
  readonly words: number;
}

function weighed({ counts, words }: NgramCounts, frequencies: ReadonlyMap<string, number>, pictures: number): Weighed {
  const vectors = counts.map(
    (own) =>
      new Map(
        [...own].map(([ngram, count]) => [ngram, count * Math.log(pictures / (frequencies.get(ngram) ?? 1))] as const),
      ),
  );
  const norms = vectors.map((own) => Math.sqrt([...own.values()].reduce((sum, value) => sum + value ** 2, 0)));
  return { vectors, norms, words };
}

/** The mean over n of clipped cosines, with the penalty for lengths: 0 to 1. */
function similarity(written: Weighed, wanted: Weighed): number {
  const cosines = written.vectors.map((vector, n) => {
    const norm = written.norms[n] * wanted.norms[n];
    if (norm === 0) return 0;
    let product = 0;
    for (const [ngram, weight] of vector) {
      const other = wanted.vectors[n].get(ngram) ?? 0;
      product += Math.min(weight, other) * other;
    }
    return product / norm;
  });
  const penalty = Math.exp(-((numBigrams(written) - numBigrams(wanted)) ** 2) / (2 * sigma ** 2));
  return (penalty * cosines.reduce((sum, own) => sum + own, 0)) / longest;
}

/** What pycocoevalcap takes for the length. */
function numBigrams({ words }: Weighed): number {
  return Math.max(0, words - 1);
}

function requireTexts(candidates: readonly string[], references: readonly (readonly string[])[]): void {
  const wrong = (expected: string, received: string) => new ConfigError({ where: 'cider', expected, received });
  if (!Array.isArray(candidates) || candidates.length === 0)
    throw wrong('a list of texts, at least one', describeValue(candidates));
  if (!Array.isArray(references) || references.length !== candidates.length) {
    const received = Array.isArray(references) ? `${references.length}` : describeValue(references);
    throw wrong(`a list of references for each of ${candidates.length} texts`, received);
  }
  for (const [index, text] of candidates.entries()) {
    if (typeof text !== 'string') throw wrong(`a text at place ${index}`, describeValue(text));
    const own: unknown = references[index];
    if (!Array.isArray(own) || own.length === 0 || Array.from(own).some((reference) => typeof reference !== 'string'))
      throw wrong(`one reference or more, texts, for place ${index}`, describeValue(own));
  }
}
