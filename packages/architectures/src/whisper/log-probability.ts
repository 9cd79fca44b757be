import type { LogitsProcessor } from '@polymodal/generation';

/**
 * How likely the tokens of sequences are, on average, by the logits from which each was chosen (HF `_retrieve_avg_logprobs`): what the
 * processors of a sequence, the last of which is `process`, left of them.
 */
export class AverageLogProbability {
  readonly process: LogitsProcessor;
  /** Behind what was written of a sequence: of what may follow, the logits, for whoever is told the token at once. */
  #logits: Float32Array = new Float32Array();
  /** What it must be divided by to be probabilities, by what was written before. */
  readonly #normalisers = new Map<string, number>();
  #sum = 0;
  #count = 0;

  /** @param inBeams whether sequences are sought among one another, so that it is known at the end which was chosen */
  constructor(inBeams: boolean) {
    this.process = inBeams
      ? (logits, { ids, promptLength }) => {
          this.#normalisers.set(ids.slice(promptLength).join(), logSumOfPowers(logits, 1));
        }
      : (logits) => {
          this.#logits = logits;
        };
  }

  /** The token that was chosen from the last logits. @param temperature that they were divided by, behind this */
  add(id: number, temperature: number): void {
    this.#sum += this.#logits[id]! * temperature - logSumOfPowers(this.#logits, temperature);
    this.#count++;
  }

  /** The sequence that was chosen of beams. @param sum of its logits, which are logarithms of probabilities before the processors */
  addSequence(ids: readonly number[], sum: number): void {
    this.#sum += sum;
    for (const place of ids.keys()) this.#sum -= this.#normalisers.get(ids.slice(0, place).join())!;
    this.#count += ids.length;
  }

  get value(): number {
    return this.#sum / Math.max(1, this.#count);
  }
}

/** log Σ exp(logit · temperature) */
function logSumOfPowers(logits: Float32Array, temperature: number): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (const logit of logits) if (logit > largest) largest = logit;
  let sum = 0;
  for (const logit of logits) sum += Math.exp((logit - largest) * temperature);
  return largest * temperature + Math.log(sum);
}
