import type { Answers } from './answers';
import type { DigitSample } from './data';
import type { Modality } from './digits-model';
import { toSample } from './samples';

/**
 * Scales answers about one modality to a temperature, p^(1/T) / Σ p^(1/T), with the T that gives the truth the highest
 * likelihood on samples that were not trained on (Guo et al. 2017, section 4.2).
 */
export async function calibrate(
  answers: Answers,
  samples: readonly DigitSample[],
  modality: Modality,
): Promise<Answers> {
  const probabilities = await answers(samples.map((sample) => toSample(sample, [modality])));
  const surprise = (temperature: number) =>
    samples.reduce(
      (sum, { targets }, row) => sum - Math.log(scaled(probabilities[row], temperature)[targets.digit]),
      0,
    );
  const temperature = leastOf(surprise, 0.2, 5);
  return async (others) => (await answers(others)).map((own) => scaled(own, temperature));
}

function scaled(probabilities: readonly number[], temperature: number): number[] {
  const powers = probabilities.map((value) => Math.max(value, 1e-30) ** (1 / temperature));
  const sum = powers.reduce((total, value) => total + value, 0);
  return powers.map((value) => value / sum);
}

/** Where a function with one minimum between two numbers has it: golden-section search. */
function leastOf(f: (x: number) => number, low: number, high: number): number {
  const ratio = (Math.sqrt(5) - 1) / 2;
  let [left, right] = [low, high];
  while (right - left > 1e-3) {
    const [a, b] = [right - ratio * (right - left), left + ratio * (right - left)];
    if (f(a) < f(b)) right = b;
    else left = a;
  }
  return (left + right) / 2;
}
