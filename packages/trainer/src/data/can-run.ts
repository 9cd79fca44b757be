import { fulfils, type Model } from '@polymodal/core';

/** Whether a head runs on samples with these modalities: its own requirements are met, and those of all that feed it. */
export function canRun(model: Model, head: string, modalities: readonly string[]): boolean {
  if (!fulfils(model.heads[head].requires, modalities)) return false;
  const input = (model.config.heads[head]?.input ?? 'fused') as string;
  return input === 'fused' || canRun(model, input, modalities);
}

/** Whether any head learns from samples with these modalities. */
export function canLearn(model: Model, modalities: readonly string[]): boolean {
  return Object.keys(model.heads).some((head) => canRun(model, head, modalities));
}
