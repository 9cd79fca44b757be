import { ConfigError, type Model } from '@polymodal/core';
import { learningHeads } from '../loss-gradients';
import type { ParsedStage } from '../train-options';
import { largestWeights } from './loss-weight';

/** @throws ConfigError for a stage whose gradients there is nothing to compare in, and that cannot be projected exactly */
export function checkConflicts(model: Model, { settings, where }: ParsedStage): void {
  const { gradientConflicts, accumulate, lossWeights } = settings;
  if (gradientConflicts === false) return;
  const refuse = (expected: string, received: string): never => {
    throw new ConfigError({ where: `${where}.gradientConflicts`, expected, received });
  };
  const heads = learningHeads(model, largestWeights(lossWeights));
  if (heads.length < 2) refuse('two heads that learn, or more', heads.length === 1 ? `"${heads[0]}" alone` : 'none');
  if (gradientConflicts === 'project' && accumulate > 1) {
    refuse('a batch to a step, whose gradients are projected (accumulate: 1)', `accumulate: ${accumulate}`);
  }
}
