import type { LogitsProcessor } from './logits-processor';

/** Flattens the distribution above 1 and sharpens it below (HF `TemperatureLogitsWarper`). */
export function temperature(value: number): LogitsProcessor {
  return (logits) => {
    for (let id = 0; id < logits.length; id++) logits[id] /= value;
  };
}
