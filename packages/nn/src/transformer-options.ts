import { z } from 'zod';
import { activationNames } from './activations';
import { checkHeads } from './check-heads';
import type { TransformerLayerConfig } from './transformer-layer';

const rate = z.number().min(0).lt(1);

/** The options of a stack of Transformer layers, to spread into the config schema of an encoder or a fusion. */
export const transformerOptions = {
  /** How many layers there are. */
  numHiddenLayers: z.int().positive().default(4),
  /** A divisor of hiddenSize. */
  numAttentionHeads: z.int().positive().default(4),
  /** Width of the feed-forward networks; 4 · hiddenSize if left out. */
  intermediateSize: z.int().positive().optional(),
  hiddenAct: z.enum(activationNames).default('gelu'),
  /** Rate of dropout on what each branch adds. */
  hiddenDropout: rate.default(0.1),
  /** Rate of dropout on attention weights. */
  attentionDropout: rate.default(0),
  /** Rate of stochastic depth in the last layer; see `transformerLayers`. */
  dropPath: rate.default(0),
  layerNormEps: z.number().positive().default(1e-5),
};

/** {@link transformerOptions} once parsed. */
export type TransformerOptions = z.output<z.ZodObject<typeof transformerOptions>>;

/** Everything that a stack of Transformer layers is made from. */
export interface TransformerConfig
  extends Required<
    Omit<
      TransformerLayerConfig,
      'normPosition' | 'attentionScale' | 'projectionBias' | 'activationDropout' | 'outputInitializer' | 'bias'
    >
  > {
  readonly numHiddenLayers: number;
}

/**
 * The parsed options with the width, and with what depends on it.
 *
 * @throws ConfigError if the heads do not divide the width
 */
export function resolveTransformerConfig(options: TransformerOptions, hiddenSize: number): TransformerConfig {
  checkHeads(hiddenSize, options.numAttentionHeads);
  const { numHiddenLayers, numAttentionHeads, intermediateSize = 4 * hiddenSize } = options;
  const { hiddenAct, hiddenDropout, attentionDropout, dropPath, layerNormEps } = options;
  return {
    hiddenSize,
    numHiddenLayers,
    numAttentionHeads,
    intermediateSize,
    hiddenAct,
    hiddenDropout,
    attentionDropout,
    dropPath,
    layerNormEps,
  };
}
