import { adamNumber, adamUpdated } from './adam-number';
import type { BalancedStep, BalanceState, UncertaintyOptions } from './loss-balance';

/** What the losses count for, by head: 1 / σ² = exp(−s). */
export function uncertaintyWeights(state: BalanceState): Record<string, number> {
  return Object.fromEntries(Object.entries(state).map(([head, { value }]) => [head, Math.exp(-value)]));
}

/** The logarithms after a step: of exp(−s) · L + s / 2 the gradient by s is 1/2 − exp(−s) · L, so that nothing but the losses is read. */
export function afterUncertainStep(
  { learningRate: own }: UncertaintyOptions,
  state: BalanceState,
  { losses, learningRate, fullRate }: BalancedStep,
): BalanceState {
  const learned = Object.entries(losses).map(([head, loss]) => {
    const { initialLoss, ...s } = state[head] ?? { ...adamNumber(0), initialLoss: loss };
    const gradient = 1 / 2 - Math.exp(-s.value) * loss;
    return [head, { ...adamUpdated(s, gradient, learningRate(own ?? fullRate)), initialLoss }];
  });
  return { ...state, ...Object.fromEntries(learned) };
}
