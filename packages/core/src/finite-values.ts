import { NonFiniteError } from './errors';
import { ModuleBuffer } from './module-buffer';
import type { Parameter } from './parameter';

/**
 * The present values of a parameter, as {@link Parameter.viewValues} gives them, to be kept in a file: one NaN in them spoils every
 * answer. A {@link ModuleBuffer} may be infinite, as a mask is.
 *
 * @throws NonFiniteError naming the parameter and the position
 */
export async function finiteValues(path: string, parameter: Parameter): Promise<Float32Array> {
  const values = await parameter.viewValues();
  const isSound = parameter instanceof ModuleBuffer ? (value: number) => !Number.isNaN(value) : Number.isFinite;
  for (let i = 0; i < values.length; i++) {
    if (isSound(values[i])) continue;
    throw new NonFiniteError({
      where: path,
      expected: 'finite values, to be saved',
      received: `${values[i]} at position ${i} of ${values.length}`,
      hint: 'The model is spoilt: load it, or a checkpoint of its training, from before. Nothing has been replaced.',
    });
  }
  return values;
}
