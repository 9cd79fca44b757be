import type { Module, Parameter, RandomKey } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';

/**
 * Moves every parameter a little at random. Initial values are special points (gates and biases at 0, norms at 1)
 * where gradients vanish that elsewhere do not; checks of gradients should not stand on one.
 *
 * @param isMoved which of them; all by default
 */
export function perturbParameters(
  module: Module,
  key: RandomKey,
  isMoved: (path: string) => boolean = () => true,
): void {
  for (const [path, parameter] of module.parameters()) {
    if (!isMoved(path)) continue;
    const noise = key.fold(path).normal(parameter.size);
    const scale = noiseScale(parameter);
    tf.tidy(() => {
      const offset = tf.tensor(
        noise.map((value) => value * scale),
        [...parameter.shape],
      );
      parameter.assign(tf.add(parameter.value, offset));
    });
  }
}

/** Matrices keep activations of about the size they had: their noise falls with the number of inputs. */
function noiseScale({ shape, size }: Parameter): number {
  return shape.length < 2 ? 0.1 : 0.3 / Math.sqrt(Math.max(size / shape[0], 1));
}
