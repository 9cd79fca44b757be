import type { StepFigures } from '../step-figures';
import { balanceAfter, balancedWeightsOf, weighed } from '../weighing/balance-losses';
import type { BalanceState } from '../weighing/loss-balance';
import { changesWeights, lossWeightsAt } from '../weighing/loss-weight';
import type { Position } from './position';
import type { Stage } from './stage';

/** What the losses of heads count for in the steps of a stage: what its options say, and what it learns of them as it goes on. */
export class StageWeights {
  readonly #heads: readonly string[];
  readonly #stage: Pick<Stage, 'settings' | 'schedule' | 'begin'>;

  constructor(heads: readonly string[], stage: Pick<Stage, 'settings' | 'schedule' | 'begin'>) {
    this.#heads = heads;
    this.#stage = stage;
  }

  /** Whether they are other ones from step to step. */
  get areChanging(): boolean {
    const { lossBalance, lossWeights } = this.#stage.settings;
    return lossBalance !== false || changesWeights(lossWeights);
  }

  /** By head, in the step that comes next. */
  at({ step, balance }: Position): Record<string, number> {
    const { settings, schedule, begin } = this.#stage;
    const { lossWeights, lossBalance } = settings;
    const fixed = lossWeightsAt(lossWeights, step - begin, schedule.totalSteps);
    return weighed(this.#heads, fixed, lossBalance ? balancedWeightsOf(lossBalance, balance) : {});
  }

  /**
   * What has been learned of them after a step.
   *
   * @param learningRate of the step, for one that is this at its full
   */
  balanceAfter(balance: BalanceState, figures: StepFigures, learningRate: (full: number) => number): BalanceState {
    const { lossBalance, learningRate: fullRate } = this.#stage.settings;
    if (!lossBalance) return balance;
    const { losses, headGradientNorms: gradientNorms } = figures;
    return balanceAfter(lossBalance, balance, { losses, gradientNorms, learningRate, fullRate });
  }
}
