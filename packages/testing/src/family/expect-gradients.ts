import { readParameters } from '@polymodal/core';
import { type Checkpoint, type LoadedPretrained, loadParameters } from '@polymodal/hub';
import type * as tf from '@tensorflow/tfjs-core';
import { backward } from '../compare/backward';
import { expectSameValues } from '../compare/expect-same-values';

/**
 * Checks the gradient of each parameter of a model. One that the loss does not depend on counts as 0. Afterwards the parameters
 * hold what was expected.
 *
 * @param expected the gradients, under the names and in the layout of the model's checkpoint
 */
export async function expectGradients(
  { model, family, config }: Pick<LoadedPretrained, 'model' | 'family' | 'config'>,
  loss: () => tf.Scalar,
  expected: Checkpoint,
  tolerance: number,
): Promise<void> {
  const { gradients } = await backward(model, loss);
  await loadParameters(model, expected, family.keys(config)); // the same names and layout, so the same map
  const values = Object.fromEntries(await readParameters(model));
  const unused = Object.fromEntries(
    Object.entries(values)
      .filter(([path]) => !(path in gradients))
      .map(([path, { shape, data }]) => [path, { shape, data: new Float32Array(data.length) }]),
  );
  expectSameValues('the gradients', values, { ...gradients, ...unused }, tolerance);
}
