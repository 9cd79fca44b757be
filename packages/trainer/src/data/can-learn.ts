import type { Model } from '@polymodal/core';

/**
 * Whether any head learns from samples with these modalities; from one without any, none does.
 *
 * @param heads those that are to learn; by default all
 */
export function canLearn(
  model: Model,
  modalities: readonly string[],
  heads: readonly string[] = Object.keys(model.heads),
): boolean {
  return modalities.length > 0 && heads.some((head) => model.canRun(head, modalities));
}
