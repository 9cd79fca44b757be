import { adamNumber, adamUpdated } from './adam-number';
import type { BalancedStep, BalanceState, GradientNormOptions, HeadBalance } from './loss-balance';

/** What no weight falls below: one of 0 would never learn again. */
const smallest = 1e-3;

/** What the losses count for, by head. */
export function gradientNormWeights(state: BalanceState): Record<string, number> {
  return Object.fromEntries(Object.entries(state).map(([head, { value }]) => [head, value]));
}

/**
 * The weights after a step (Chen et al. 2018, algorithm 1). Of head i with the weight w, the loss L and the norm g of its gradient, G = w g
 * is to become mean(G) · r^α, where r is L / L(0) over the mean of these: the gradient by w of |G − mean(G) r^α|, the goal held fixed, is
 * g times the sign. Then all weights are scaled so that there are as many as heads.
 */
export function afterGradientNorms(
  { alpha = 1.5, learningRate = 0.025 }: GradientNormOptions,
  state: BalanceState,
  { losses, gradientNorms = {} }: BalancedStep,
): BalanceState {
  const heads = Object.keys(losses).filter((head) => gradientNorms[head] !== undefined);
  const known = Object.fromEntries(
    heads.map((head): [string, HeadBalance] => [head, state[head] ?? { ...adamNumber(1), initialLoss: losses[head] }]),
  );
  const all = { ...state, ...known };
  if (heads.length < 2) return all;
  const norms = heads.map((head) => known[head].value * gradientNorms[head]);
  const progress = heads.map((head) => losses[head] / known[head].initialLoss);
  const [meanNorm, meanProgress] = [mean(norms), mean(progress)];
  const learned = heads.map((head, index) => {
    const goal = meanNorm * (progress[index] / meanProgress) ** alpha;
    const gradient = Math.sign(norms[index] - goal) * gradientNorms[head];
    const { initialLoss, ...weight } = known[head];
    const updated = adamUpdated(weight, gradient, learningRate);
    return [head, { ...updated, value: Math.max(updated.value, smallest), initialLoss }] as const;
  });
  return renormalized({ ...all, ...Object.fromEntries(learned) });
}

function renormalized(state: BalanceState): BalanceState {
  const scale = 1 / mean(Object.values(state).map(({ value }) => value));
  return Object.fromEntries(Object.entries(state).map(([head, own]) => [head, { ...own, value: own.value * scale }]));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
