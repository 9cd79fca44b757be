import { type TransformerConfig, transformerOptions } from '@polymodal/nn';
import { z } from 'zod';

const { numHiddenLayers, intermediateSize, hiddenAct, hiddenDropout, layerNormEps } = transformerOptions;

/**
 * Options of a fusion that is a stack of feed-forward blocks: those of a Transformer without its attention.
 *
 * `intermediateSize` is 6 · hiddenSize if left out. A block then has as many weights, 12 · hiddenSize², as a Transformer
 * layer, so that the two kinds of fusion compare at equal size and depth.
 */
export const mlpOptions = z.object({ numHiddenLayers, intermediateSize, hiddenAct, hiddenDropout, layerNormEps });

/** {@link mlpOptions} with the width. */
export type MlpConfig = Pick<TransformerConfig, keyof z.output<typeof mlpOptions> | 'hiddenSize'>;

/** The parsed options with the width, and with what depends on it. */
export function resolveMlpConfig(options: z.output<typeof mlpOptions>, hiddenSize: number): MlpConfig {
  return { ...options, hiddenSize, intermediateSize: options.intermediateSize ?? 6 * hiddenSize };
}
