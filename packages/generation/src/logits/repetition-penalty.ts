import type { LogitsProcessor } from './logits-processor';

/** Makes tokens that were there less likely, for a penalty above 1 (Keskar et al. 2019; HF `RepetitionPenaltyLogitsProcessor`). */
export function repetitionPenalty(penalty: number): LogitsProcessor {
  return (logits, { ids }) => {
    for (const id of new Set(ids)) logits[id] = logits[id] < 0 ? logits[id] * penalty : logits[id] / penalty;
  };
}
