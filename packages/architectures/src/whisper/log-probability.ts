import type { LogitsProcessor } from '@polymodal/generation';

/**
 * How likely the tokens of a sequence were, on average, by the logits from which each was chosen (HF `_retrieve_avg_logprobs`). It stands
 * last among the processors of its sequence.
 */
export class AverageLogProbability {
  #logits: Float32Array = new Float32Array();
  #sum = 0;
  #count = 0;

  readonly process: LogitsProcessor = (logits) => {
    this.#logits = logits;
  };

  /** The token that was chosen from the last logits. @param temperature that they were divided by, behind this */
  add(id: number, temperature: number): void {
    let largest = Number.NEGATIVE_INFINITY;
    for (const logit of this.#logits) if (logit > largest) largest = logit;
    let sum = 0;
    for (const logit of this.#logits) sum += Math.exp((logit - largest) * temperature);
    this.#sum += (this.#logits[id]! - largest) * temperature - Math.log(sum);
    this.#count++;
  }

  get value(): number {
    return this.#sum / Math.max(1, this.#count);
  }
}
