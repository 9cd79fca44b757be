import type { Model } from '@polymodal/core';
import type { OptimizedParameter } from './parameter-groups';

/**
 * Of encoders the last layers alone, and what follows them; of fusion and heads all.
 *
 * @param count how many layers; 0 leaves what follows the last
 */
export function lastLayers(
  { encoders }: Pick<Model, 'encoders'>,
  parameters: readonly OptimizedParameter[],
  count: number,
): OptimizedParameter[] {
  return parameters.filter(({ path: whole }) => {
    const [, slot, path] = /^encoders\.([^.]+)\.(.+)$/.exec(whole) ?? [];
    const encoder = slot === undefined ? undefined : encoders[slot];
    return !encoder || path === undefined || encoder.layerOf(path) > encoder.depth - count;
  });
}
