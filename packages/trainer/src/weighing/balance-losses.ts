import { afterGradientNorms, gradientNormWeights } from './gradient-norm';
import type { BalancedStep, BalanceState, LossBalance } from './loss-balance';
import { afterUncertainStep, uncertaintyWeights } from './uncertainty';

/** What the losses count for, by head, beside their fixed weights; a head that is not named, for 1. */
export function balancedWeightsOf({ use }: LossBalance, state: BalanceState): Readonly<Record<string, number>> {
  return use === 'uncertainty' ? uncertaintyWeights(state) : gradientNormWeights(state);
}

/** What has been learned of them after a step. */
export function balanceAfter(balance: LossBalance, state: BalanceState, step: BalancedStep): BalanceState {
  return balance.use === 'uncertainty'
    ? afterUncertainStep(balance, state, step)
    : afterGradientNorms(balance, state, step);
}

/** Whether what one has learned is of use to the other. */
export function isSameBalance(a: LossBalance | false, b: LossBalance | false): boolean {
  return a !== false && b !== false && a.use === b.use;
}

/** The weights of all heads together: fixed ones times those that were learned. */
export function weighed(
  heads: readonly string[],
  fixed: Readonly<Record<string, number>>,
  balanced: Readonly<Record<string, number>>,
): Record<string, number> {
  return Object.fromEntries(heads.map((head) => [head, (fixed[head] ?? 1) * (balanced[head] ?? 1)]));
}
