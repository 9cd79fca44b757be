import { ConfigError, suggestNames, UnknownNameError } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { EXCLUDED_LOGIT } from './excluded-logit';

/** weights[i][j] in [0, 1]: how much the tokens of modality i attend to those of modality j. One left out is 1. */
export type ModalityWeights = Readonly<Record<string, Readonly<Record<string, number>>>>;

/**
 * The attention bias log(w) of interaction weights between modalities. Added to the logits before the softmax, it
 * multiplies each attention weight by w before normalisation; w = 0 excludes.
 *
 * @param weights by querying and attended modality
 * @param spans   where the tokens of each modality lie, [start, end). Tokens in no span interact with weight 1.
 * @param length  N, how many tokens there are; by default, as many as the spans reach
 * @returns (1, 1, N, N), for the `attentionBias` of MultiHeadAttention
 * @throws ConfigError for a weight outside [0, 1], UnknownNameError for a modality without a span
 */
export function modalityBias(
  weights: ModalityWeights,
  spans: Readonly<Record<string, readonly [start: number, end: number]>>,
  length = Math.max(0, ...Object.values(spans).map(([, end]) => end)),
): tf.Tensor4D {
  const values = new Float32Array(length * length);
  for (const [query, row] of Object.entries(weights)) {
    const [start, end] = spanOf(query, spans);
    for (const [key, weight] of Object.entries(row)) {
      const columns = spanOf(key, spans);
      const bias = logWeight(weight, `${query}.${key}`);
      for (let index = start; index < end; index++) {
        values.fill(bias, index * length + columns[0], index * length + columns[1]);
      }
    }
  }
  return tf.tensor4d(values, [1, 1, length, length]);
}

function spanOf<T>(modality: string, spans: Readonly<Record<string, T>>): T {
  if (Object.hasOwn(spans, modality)) return spans[modality];
  throw new UnknownNameError({
    where: 'modality weights',
    expected: 'the name of a modality that has tokens here',
    received: JSON.stringify(modality),
    hint: suggestNames(modality, Object.keys(spans)),
  });
}

function logWeight(weight: number, where: string): number {
  if (!(weight >= 0 && weight <= 1)) {
    throw new ConfigError({
      where: `modality weights, ${where}`,
      expected: 'a weight in [0, 1]',
      received: String(weight),
      hint: '1 lets one modality attend to the other freely, 0 excludes it.',
    });
  }
  return weight === 0 ? EXCLUDED_LOGIT : Math.log(weight);
}
