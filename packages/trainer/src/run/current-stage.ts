import { isWithin, type Model, StepCounter } from '@polymodal/core';
import type { Learner } from '../learner';
import { AdamW } from '../optimizers/adamw';
import type { StartingPoint } from '../optimizers/starting-point';
import { WeightAverage } from '../optimizers/weight-average';
import type { ParsedTrainOptions } from '../train-options';
import { TrainStep } from '../train-step';
import { type KeptStarts, keptStarts } from './kept-starts';
import type { Stage } from './stage';
import { StageWeights } from './stage-weights';

/** The stage that a run is in, with what learns by it: moments, an average, and all that a step goes by. */
export interface CurrentStage extends Stage, Learner {
  readonly step: TrainStep;
  /** What the losses of heads count for. */
  readonly weights: StageWeights;
  /** Those of what learns. */
  readonly counters: readonly StepCounter[];
  readonly starts: KeptStarts | undefined;
}

/** What does not change from stage to stage. */
interface StageParts {
  readonly model: Model;
  readonly options: Pick<ParsedTrainOptions, 'replay' | 'rematerialize' | 'frozenCacheBytes'>;
}

/**
 * A stage at its beginning: no moments yet, and an average of what the model has.
 *
 * @param startingPoint where its parameters are pulled back to
 */
export function beginStage(
  { model, options }: StageParts,
  stage: Stage,
  startingPoint: StartingPoint | undefined,
): CurrentStage {
  const { replay, rematerialize, frozenCacheBytes } = options;
  const { betas, ema, gradCache, lossBalance, gradientConflicts, modulation, watchModalities } = stage.settings;
  const optimizer = new AdamW(stage.parameters, { betas, epsilon: 1e-8 });
  const learner = { optimizer, average: ema ? new WeightAverage(stage.parameters, ema) : undefined };
  const layersApart = stage.programs === 'layers';
  const comparison = stage.shared && {
    over: stage.shared,
    tells: gradientConflicts === 'report' || (lossBalance !== false && lossBalance.use === 'gradient-norm'),
    projects: gradientConflicts === 'project',
  };
  const watching = { modulation, watchModalities };
  const computing = { replay, rematerialize, layersApart, comparison, startingPoint, gradCache, ...watching };
  return {
    ...stage,
    ...learner,
    step: new TrainStep(model, stage.parameters, learner, computing),
    weights: new StageWeights(Object.keys(model.heads), stage),
    counters: learningCounters(model, stage),
    starts: keptStarts(model, stage.parameters, frozenCacheBytes),
  };
}

/** Frees moments and the average. */
export function disposeStage({ optimizer, average }: CurrentStage): void {
  optimizer.dispose();
  average?.dispose();
}

function learningCounters(model: Model, { settings: { train, freeze } }: Stage): StepCounter[] {
  return [...model.parameters()].flatMap(([path, own]) => {
    const isUnder = (pattern: string) => isWithin(path, pattern);
    return own instanceof StepCounter && train.some(isUnder) && !freeze.some(isUnder) ? [own] : [];
  });
}
