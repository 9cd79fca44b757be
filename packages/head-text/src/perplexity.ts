import type { Metrics } from '@polymodal/core';

/**
 * Figures of the mean cross-entropy of tokens: itself, in nats, and the perplexity e^crossEntropy, among how many tokens the model is as unsure
 * as if all were alike.
 */
export function tokenFigures({ tokens }: Readonly<Record<string, number>>): Metrics {
  return { crossEntropy: tokens, perplexity: Math.exp(tokens) };
}
