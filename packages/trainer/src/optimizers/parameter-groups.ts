import { ConfigError, isWithin, type Module, type Parameter, pathsOf, patternFault } from '@polymodal/core';
import { z } from 'zod';

/** Settings of their own for some parameters. */
export interface ParameterGroup {
  /** Path of a parameter or of a module, e.g. `encoders.text`; `*` stands for a name, `**` for any number of names. */
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

/** What {@link assignGroups} goes by. */
export interface GroupSettings {
  /** Of parameters that no group matches. */
  readonly learningRate: number;
  readonly weightDecay: number;
  /** Patterns of paths of parameters or modules: what learns. Default all. */
  readonly train?: readonly string[];
  /** What of that does not. */
  readonly freeze?: readonly string[];
}

/**
 * The parameters that learn, with the settings of the first group that matches each, else the defaults. Those that the model has
 * frozen do not. Parameters of one axis or none (biases, norms, gates) never decay.
 *
 * @param module a model, or a part of one
 * @param where  how error messages call the settings
 * @throws ConfigError for a group or pattern that matches neither parameter nor module, for a list that matches no parameter at all, and
 *   if nothing is left to learn
 */
export function assignGroups(
  module: Pick<Module, 'parameters' | 'modules'>,
  groups: readonly ParameterGroup[],
  settings: GroupSettings,
  where = 'train',
): OptimizedParameter[] {
  const { learningRate, weightDecay, train = ['**'], freeze = [] } = settings;
  const parameters = module.parameters();
  const matches = groups.map(({ match }) => match);
  for (const [name, patterns, key] of [
    ['train', train, ''],
    ['freeze', freeze, ''],
    ['parameterGroups', matches, '.match'],
  ] as const) {
    const fault = patternFault(patterns, pathsOf(module));
    if (fault) throw new ConfigError({ where: `${where}.${name}.${fault.index}${key}`, ...fault });
  }
  const trainable = [...parameters].filter(([, parameter]) => parameter.trainable);
  if (trainable.length === 0) {
    throw new ConfigError({
      where: 'model',
      expected: 'at least one trainable parameter',
      received: `${parameters.size} parameters, all frozen`,
      hint: 'Thaw some with setTrainable(model, [path], true).',
    });
  }
  train.forEach((pattern, index) => {
    const own = [...parameters].filter(([path]) => isWithin(path, pattern));
    if (own.length > 0 && !own.some(([, { trainable: learns }]) => learns))
      throw allFrozen(pattern, `${where}.train.${index}`);
  });
  const isAny = (path: string, patterns: readonly string[]) => patterns.some((pattern) => isWithin(path, pattern));
  const learning = trainable.filter(([path]) => isAny(path, train) && !isAny(path, freeze));
  if (learning.length === 0) {
    throw new ConfigError({
      where: `${where}.freeze`,
      expected: 'something that learns',
      received: `patterns of all ${trainable.length} parameters that may`,
    });
  }
  return learning.map(([path, parameter]) => {
    const own = { learningRate, weightDecay, ...groups.find(({ match }) => isWithin(path, match)) };
    return {
      path,
      parameter,
      learningRate: own.learningRate,
      weightDecay: parameter.shape.length > 1 ? own.weightDecay : 0,
    };
  });
}

function allFrozen(pattern: string, where: string): ConfigError {
  return new ConfigError({
    where,
    expected: 'parameters that may learn',
    received: `"${pattern}", of which all are frozen in the model`,
    hint: 'Thaw them with setTrainable(model, [path], true) before, and freeze them in the stages that are to leave them alone.',
  });
}
