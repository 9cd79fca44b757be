import { type TransformerConfig, transformerOptions } from '@polymodal/nn';
import { z } from 'zod';
import { addedOption } from './added-modalities';

const { numHiddenLayers, intermediateSize, hiddenAct, hiddenDropout, layerNormEps } = transformerOptions;

/**
 * Options of a fusion that is a stack of feed-forward blocks: those of a Transformer without its attention.
 *
 * `intermediateSize` is 6 · hiddenSize if left out. A block then has as many weights, 12 · hiddenSize², as a Transformer
 * layer, so that the two kinds of fusion compare at equal size and depth.
 */
export const mlpOptions = z.object({ numHiddenLayers, intermediateSize, hiddenAct, hiddenDropout, layerNormEps });

/** Options of fusions that join vectors and go on with such blocks. */
export const vectorOptions = z.object({ ...mlpOptions.shape, added: addedOption });

/** {@link mlpOptions} with the width. */
export type MlpConfig = Pick<TransformerConfig, keyof z.output<typeof mlpOptions> | 'hiddenSize'>;

/** {@link vectorOptions} with the width. */
export interface VectorConfig extends MlpConfig {
  /** Modalities that are added to a trained model. */
  readonly added: readonly string[];
}

/** The parsed options with the width, and with what depends on it. */
export function resolveMlpConfig<Options extends z.output<typeof mlpOptions>>(
  options: Options,
  hiddenSize: number,
): Options & MlpConfig {
  return { ...options, hiddenSize, intermediateSize: options.intermediateSize ?? 6 * hiddenSize };
}
