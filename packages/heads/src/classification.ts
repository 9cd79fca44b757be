import type { HostTensor } from '@polymodal/core';

/** Which of several classes a row is. */
export interface Classification {
  /** Of the most probable class. */
  readonly label: string;
  readonly index: number;
  readonly probability: number;
  /** Of every class, in the order of the labels. */
  readonly probabilities: readonly number[];
}

/** What logits (B, K) say, a row each. */
export function readClassifications({ data, shape }: HostTensor, labels: readonly string[]): Classification[] {
  const numClasses = labels.length;
  return Array.from({ length: shape[0] }, (_, row) => {
    const probabilities = softmax(data.subarray(row * numClasses, (row + 1) * numClasses));
    const index = probabilities.indexOf(Math.max(...probabilities));
    return { label: labels[index], index, probability: probabilities[index], probabilities };
  });
}

/** In double precision, so that the cross-entropy of a prediction stays finite. */
function softmax(logits: ArrayLike<number>): number[] {
  const values = Array.from(logits);
  const highest = Math.max(...values);
  const exponentials = values.map((value) => Math.exp(value - highest));
  const sum = exponentials.reduce((total, value) => total + value, 0);
  return exponentials.map((value) => value / sum);
}
