import { type Model, mapRecord } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Gradients } from '../optimizers/parameter-bundle';
import type { OptimizedParameter } from '../optimizers/parameter-groups';

/** The slot in whose encoder a parameter stands. */
export function slotOf(path: string): string | undefined {
  return /^encoders\.([^.]+)\./.exec(path)?.[1];
}

/** Slots of whose encoders something learns. */
export function learningSlots(
  { modalities }: Model,
  parameters: readonly Pick<OptimizedParameter, 'path'>[],
): string[] {
  const learning = new Set(parameters.map(({ path }) => slotOf(path)));
  return modalities.filter((slot) => learning.has(slot));
}

/** L2 norms of the gradients of encoders; 0 for one that the loss does not depend on. */
export function gradientNorms(slots: readonly string[], gradients: Gradients): tf.Scalar[] {
  return slots.map((slot) => {
    const squares = Object.entries(gradients).flatMap(([path, own]) =>
      slotOf(path) === slot ? [tf.sum<tf.Scalar>(tf.square(own))] : [],
    );
    return squares.length === 0 ? tf.scalar(0) : tf.sqrt(tf.addN(squares));
  });
}

/** What each is of all together; 0 where there is nothing. */
export function shares(norms: Readonly<Record<string, number>>): Record<string, number> {
  const total = Object.values(norms).reduce((sum, own) => sum + own, 0);
  return mapRecord(norms, (own) => (total > 0 ? own / total : 0));
}
