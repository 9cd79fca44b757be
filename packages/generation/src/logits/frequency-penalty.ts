import type { LogitsProcessor } from './logits-processor';

/**
 * Makes tokens that were written less likely: each by `frequency` for every time that it was, and by `presence` once. Those of the
 * prompt do not count. (The penalties of OpenAI's interface, and of vLLM.)
 */
export function frequencyPenalty(frequency: number, presence: number): LogitsProcessor {
  return (logits, { ids, promptLength }) => {
    const counts = new Map<number, number>();
    for (let place = promptLength; place < ids.length; place++) {
      counts.set(ids[place], (counts.get(ids[place]) ?? 0) + 1);
    }
    for (const [id, count] of counts) logits[id] -= frequency * count + presence;
  };
}
