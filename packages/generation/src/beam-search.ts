import { nothingFollows } from './choose-token';
import type { FinishReason } from './continue-sequences';
import type { GenerationOptions } from './generation-options';
import type { GrowingSequence } from './growing-sequence';
import { EXCLUDED } from './logits/logits-processor';
import { logProbabilities } from './logits/probabilities';
import type { SequenceRules } from './sequence-rules';

/** A sequence that has ended, and how good it is: its log-probability by a power of its length. */
export interface FinishedBeam {
  readonly ids: readonly number[];
  readonly score: number;
  readonly finishReason: FinishReason;
}

/** What a search goes on with, one for each of its beams. */
interface NextBeams {
  readonly ids: readonly number[];
  /** Which beam each follows. */
  readonly from: readonly number[];
}

/** A sequence that goes on, and its log-probability; −∞ where there are not as many as beams. */
interface Beam {
  readonly sequence: GrowingSequence;
  readonly score: number;
}

interface Candidate {
  readonly from: number;
  readonly id: number;
  readonly score: number;
}

/**
 * Beam search for one prompt (HF `_beam_search`): of all tokens that may follow its beams, the likeliest sequences go on, and those that
 * end are kept, as many as there are beams.
 */
export class BeamSearch {
  readonly #rules: SequenceRules;
  readonly #width: number;
  /** Enough that as many beams go on as there are, though each may end with every token that ends one. */
  readonly #candidates: number;
  readonly #lengthPenalty: number;
  readonly #earlyStopping: NonNullable<GenerationOptions['earlyStopping']>;
  #beams: readonly Beam[];
  #finished: readonly FinishedBeam[] = [];
  #isDone = false;

  /** @param ends how many tokens end a sequence */
  constructor(prompt: GrowingSequence, rules: SequenceRules, options: GenerationOptions, ends: number) {
    this.#rules = rules;
    this.#width = options.numBeams ?? 1;
    this.#candidates = Math.max(2, 1 + ends) * this.#width;
    this.#lengthPenalty = options.lengthPenalty ?? 1;
    this.#earlyStopping = options.earlyStopping ?? false;
    // All begin alike: only the first goes on, so that they do not stay so.
    this.#beams = this.#filled([{ sequence: prompt, score: 0 }]);
  }

  /** Whether none that goes on can be better than those that have ended. */
  get isDone(): boolean {
    return this.#isDone;
  }

  /** Those that have ended, the best first. */
  get finished(): readonly FinishedBeam[] {
    return this.#finished;
  }

  /** @param logits of what follows each beam, one after the other; they are changed */
  advance(logits: Float32Array, step: number): NextBeams {
    const going: (Beam & Candidate)[] = [];
    const ended: FinishedBeam[] = [];
    for (const [rank, candidate] of this.#likeliest(logits).entries()) {
      const { from, id, score } = candidate;
      const sequence = this.#beams[from].sequence.with(id);
      const finishReason = this.#rules.finishReason(sequence);
      if (!finishReason) going.push({ ...candidate, sequence });
      else if (rank < this.#width)
        ended.push({ ids: sequence.written, score: score / step ** this.#lengthPenalty, finishReason });
    }
    const next = going.slice(0, this.#width);
    this.#keep(ended);
    if (next.length === 0 && this.#finished.length === 0)
      throw nothingFollows(this.#beams[0].sequence, this.#rules.excluding, logits.some(Number.isNaN));
    if (next.length > 0) this.#beams = this.#filled(next);
    this.#isDone =
      next.length === 0 || (this.#isFull && (this.#earlyStopping === true || !this.#mayImprove(next[0].score, step)));
    const places = Array.from({ length: this.#width }, (_, beam) => next[beam] ?? next[0]);
    return { ids: places.map((place) => place?.id ?? 0), from: places.map((place) => place?.from ?? 0) };
  }

  get #isFull(): boolean {
    return this.#finished.length === this.#width;
  }

  #keep(ended: readonly FinishedBeam[]): void {
    this.#finished = [...this.#finished, ...ended].sort((a, b) => b.score - a.score).slice(0, this.#width);
  }

  /** Whether the best that goes on may get better than the worst that has ended, by the length that favours it. */
  #mayImprove(best: number, step: number): boolean {
    const longest = this.#earlyStopping === 'never' && this.#lengthPenalty > 0;
    const length = longest ? this.#rules.limit : step;
    return best / length ** this.#lengthPenalty > this.#finished[this.#finished.length - 1].score;
  }

  /** The likeliest continuations of all beams, the best first. */
  #likeliest(logits: Float32Array): Candidate[] {
    const vocabSize = logits.length / this.#width;
    const best: Candidate[] = [];
    for (const [from, { sequence, score }] of this.#beams.entries()) {
      if (score === EXCLUDED) continue;
      const own = logProbabilities(logits.subarray(from * vocabSize, (from + 1) * vocabSize));
      for (const process of this.#rules.processors) process(own, sequence);
      for (let id = 0; id < vocabSize; id++) {
        const whole = own[id] + score;
        const least = best.length < this.#candidates ? EXCLUDED : best[best.length - 1].score;
        if (!(whole > least)) continue;
        let place = best.length;
        while (place > 0 && best[place - 1].score < whole) place--;
        best.splice(place, 0, { from, id, score: whole });
        if (best.length > this.#candidates) best.pop();
      }
    }
    return best;
  }

  #filled(beams: readonly Beam[]): Beam[] {
    return Array.from({ length: this.#width }, (_, beam) => beams[beam] ?? { ...beams[0], score: EXCLUDED });
  }
}
