import type { LogitsProcessor } from './logits-processor';

/** Flattens the distribution above 1 and sharpens it below (HF `TemperatureLogitsWarper`). */
export function temperature(value: number): LogitsProcessor {
  return (logits) => {
    const most = logits.reduce((largest, logit) => Math.max(largest, logit), Number.NEGATIVE_INFINITY);
    const isHeld = !Number.isFinite(most) || Number.isFinite(Math.fround(most / value));
    const from = isHeld ? 0 : most; // near 0 the quotients would be infinite, and probabilities go by their differences alone
    for (let id = 0; id < logits.length; id++) logits[id] = (logits[id] - from) / value;
  };
}
