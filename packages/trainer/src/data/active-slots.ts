import { ConfigError, type Model, suggestNames, UnknownNameError } from '@polymodal/core';
import { learningHeads } from '../loss-gradients';
import type { OptimizedParameter } from '../optimizers/parameter-groups';
import type { StageSettings } from '../stage-options';
import { largestWeights } from '../weighing/loss-weight';
import { canLearn } from './can-learn';
import { isTarget, type SampleShape } from './sample-shape';

/** The slots that take part in a stage; `false`, all. */
export type ActiveSlots = readonly string[] | false;

/**
 * Makes sure that a stage can do with the slots that take part in it.
 *
 * @throws UnknownNameError for a slot that the model does not have
 * @throws ConfigError where no head that learns runs on any of them
 */
export function checkActive(model: Model, { activate, lossWeights }: StageSettings, where: string): void {
  if (activate === false) return;
  for (const slot of activate) {
    if (model.modalities.includes(slot)) continue;
    throw new UnknownNameError({
      where: `${where}.activate`,
      expected: 'names of slots of the model',
      received: `"${slot}"`,
      hint: suggestNames(slot, model.modalities),
    });
  }
  const heads = learningHeads(model, largestWeights(lossWeights));
  if (canLearn(model, activate, heads)) return;
  throw new ConfigError({
    where: `${where}.activate`,
    expected: `slots that one of the heads ${heads.join(', ')} runs on`,
    received: activate.join(', '),
    hint: 'A head of another stage has the weight 0 in this one (lossWeights).',
  });
}

/**
 * What learns, apart from the encoders of slots that are as absent.
 *
 * @throws ConfigError where that is nothing
 */
export function learningActive(
  { modalities }: Model,
  parameters: readonly OptimizedParameter[],
  activate: ActiveSlots,
  where: string,
): readonly OptimizedParameter[] {
  const absent = inactive(modalities, activate);
  const left = parameters.filter(({ path }) => !absent.some((slot) => path.startsWith(`encoders.${slot}.`)));
  if (left.length > 0) return left;
  throw new ConfigError({
    where: `${where}.activate`,
    expected: 'something that learns beside the encoders of slots that do not take part',
    received: `these alone: ${absent.join(', ')}`,
  });
}

/** Those that are as absent. */
export function inactive(slots: readonly string[], activate: ActiveSlots): string[] {
  return activate === false ? [] : slots.filter((slot) => !activate.includes(slot));
}

/** A sample's shape as if it had no others. */
export function activeShape(shape: SampleShape, activate: ActiveSlots): SampleShape {
  if (activate === false) return shape;
  return Object.fromEntries(Object.entries(shape).filter(([part]) => isTarget(part) || activate.includes(part)));
}
