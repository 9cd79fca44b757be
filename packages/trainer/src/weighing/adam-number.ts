/** A number that is learned by Adam in host memory, with what Adam keeps of it. JSON, which holds it exactly. */
export interface AdamNumber {
  readonly value: number;
  /** Moments, and how many steps it had a gradient in. */
  readonly first: number;
  readonly second: number;
  readonly steps: number;
}

const [beta1, beta2, epsilon] = [0.9, 0.999, 1e-8];

/** Before its first step. */
export function adamNumber(value: number): AdamNumber {
  return { value, first: 0, second: 0, steps: 0 };
}

/** After a step of Adam (Kingma & Ba 2015, algorithm 1), as `torch.optim.Adam`. */
export function adamUpdated(number: AdamNumber, gradient: number, learningRate: number): AdamNumber {
  const steps = number.steps + 1;
  const first = beta1 * number.first + (1 - beta1) * gradient;
  const second = beta2 * number.second + (1 - beta2) * gradient ** 2;
  const mean = first / (1 - beta1 ** steps);
  const size = Math.sqrt(second / (1 - beta2 ** steps));
  return { value: number.value - (learningRate * mean) / (size + epsilon), first, second, steps };
}
