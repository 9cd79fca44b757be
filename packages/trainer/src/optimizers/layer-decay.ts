import type { Model } from '@polymodal/core';
import type { OptimizedParameter } from './parameter-groups';

/**
 * Layer-wise decay of learning rates (ELECTRA, Clark et al. 2020; BEiT, Bao et al. 2022): what an encoder has learned of a modality as
 * such, in its first layers, changes less than what is near the task.
 *
 * @param decay by which the rate falls from each layer of an encoder to the one before it; the embeddings stand before the first
 */
export function decayLayers(
  { encoders }: Pick<Model, 'encoders'>,
  parameters: readonly OptimizedParameter[],
  decay: number,
): OptimizedParameter[] {
  return parameters.map((own) => {
    const [, slot, path] = /^encoders\.([^.]+)\.(.+)$/.exec(own.path) ?? [];
    const encoder = slot === undefined ? undefined : encoders[slot];
    if (!encoder || path === undefined) return own;
    const layersAfter = encoder.depth + 1 - encoder.layerOf(path);
    return { ...own, learningRate: own.learningRate * decay ** layersAfter };
  });
}
