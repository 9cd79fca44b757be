import type { Model } from '@polymodal/core';

/** Whether any head learns from samples with these modalities. */
export function canLearn(model: Model, modalities: readonly string[]): boolean {
  return Object.keys(model.heads).some((head) => model.canRun(head, modalities));
}
