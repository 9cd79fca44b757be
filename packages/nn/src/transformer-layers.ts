import { TransformerLayer, type TransformerLayerConfig } from './transformer-layer';
import type { TransformerConfig } from './transformer-options';

/**
 * The layers of a Transformer. The rate of stochastic depth grows linearly with depth, from 0 in the first to `dropPath`
 * in the last (Huang et al. 2016, eq. 4, starting one layer earlier).
 *
 * @param ofLayer what a layer has in other ways than the rest
 */
export function transformerLayers(
  config: TransformerConfig & Pick<TransformerLayerConfig, 'normPosition' | 'projectionBias'>,
  ofLayer?: (index: number) => Partial<TransformerLayerConfig>,
): TransformerLayer[] {
  const { numHiddenLayers, dropPath } = config;
  return Array.from(
    { length: numHiddenLayers },
    (_, index) =>
      new TransformerLayer({
        ...config,
        dropPath: (dropPath * index) / Math.max(numHiddenLayers - 1, 1),
        ...ofLayer?.(index),
      }),
  );
}
