import { ConfigError, type Parameter, suggestPaths } from '@polymodal/core';
import { z } from 'zod';

/** Settings of their own for some parameters. */
export interface ParameterGroup {
  /** Path of a parameter or of a module, e.g. `encoders.text`. */
  readonly match: string;
  readonly learningRate?: number;
  readonly weightDecay?: number;
}

export const parameterGroupSchema = z.strictObject({
  match: z.string().min(1),
  learningRate: z.number().nonnegative().optional(),
  weightDecay: z.number().nonnegative().optional(),
});

/**
 * Learning rates to start from for encoders that are trained from scratch, one group each: text takes a higher rate
 * than vision. They match slots named `text` and `image`; for another name, `{ ...startingPoints.text, match: 'encoders.review' }`.
 */
export const startingPoints = {
  text: { match: 'encoders.text', learningRate: 1e-3 },
  image: { match: 'encoders.image', learningRate: 5e-4 },
} as const satisfies Record<string, ParameterGroup>;

/** A trainable parameter and what the optimiser does with it. */
export interface OptimizedParameter {
  readonly path: string;
  readonly parameter: Parameter;
  readonly learningRate: number;
  readonly weightDecay: number;
}

/**
 * The trainable parameters with the settings of the first group that matches each, else the defaults. Parameters of
 * one axis or none (biases, norms, gates) never decay.
 *
 * @throws ConfigError for a group that matches no parameter, and if no parameter is trainable
 */
export function assignGroups(
  parameters: ReadonlyMap<string, Parameter>,
  groups: readonly ParameterGroup[],
  defaults: { readonly learningRate: number; readonly weightDecay: number },
): OptimizedParameter[] {
  groups.forEach(({ match }, index) => {
    if ([...parameters.keys()].some((path) => isWithin(path, match))) return;
    throw new ConfigError({
      where: `train.parameterGroups.${index}.match`,
      expected: 'the path of a parameter or module',
      received: `"${match}", which matches none`,
      hint: suggestPaths(match, parameters.keys()),
    });
  });
  const trainable = [...parameters].filter(([, parameter]) => parameter.trainable);
  if (trainable.length === 0) {
    throw new ConfigError({
      where: 'model',
      expected: 'at least one trainable parameter',
      received: `${parameters.size} parameters, all frozen`,
      hint: 'Thaw some with setTrainable(model, [path], true).',
    });
  }
  return trainable.map(([path, parameter]) => {
    const { learningRate, weightDecay } = { ...defaults, ...groups.find(({ match }) => isWithin(path, match)) };
    return { path, parameter, learningRate, weightDecay: parameter.shape.length > 1 ? weightDecay : 0 };
  });
}

function isWithin(path: string, prefix: string): boolean {
  return path === prefix || path.startsWith(`${prefix}.`);
}
