import * as tf from '@tensorflow/tfjs';
import { FileFormatError } from './errors';
import type { Module } from './module';
import type { NamedTensor } from './safetensors';

/** Copies every parameter's value to host memory, under its path. */
export async function readParameters(module: Module): Promise<Map<string, NamedTensor>> {
  const values = new Map<string, NamedTensor>();
  for (const [path, parameter] of module.parameters()) {
    const data = (await parameter.value.data()) as Float32Array; // on some backends the very values that it computes with
    values.set(path, { shape: parameter.shape, data: data.slice() });
  }
  return values;
}

/**
 * Gives every parameter its value from `tensors`, or, if anything does not fit, none of them.
 *
 * @param where how error messages call the source
 * @throws FileFormatError if a parameter has no tensor, a tensor no parameter, or a shape does not fit
 */
export function writeParameters(module: Module, tensors: ReadonlyMap<string, NamedTensor>, where: string): void {
  const parameters = module.parameters();
  const missing = [...parameters.keys()].filter((path) => !tensors.has(path));
  const unexpected = [...tensors.keys()].filter((path) => !parameters.has(path));
  if (missing.length > 0 || unexpected.length > 0) {
    throw new FileFormatError({
      where,
      expected: `exactly the ${parameters.size} parameters of the model`,
      received: [listed('without', missing), listed('with the unknown', unexpected)].filter(Boolean).join(' and '),
      hint: 'The weights belong to a model of another config.',
    });
  }
  for (const [path, parameter] of parameters) {
    const { shape } = tensors.get(path)!;
    if (!tf.util.arraysEqual([...shape], [...parameter.shape])) {
      throw new FileFormatError({
        where: `${where}, ${path}`,
        expected: `shape [${parameter.shape}]`,
        received: `[${shape}]`,
      });
    }
  }
  for (const [path, parameter] of parameters) parameter.assignValues(tensors.get(path)!.data);
}

function listed(word: string, names: readonly string[]): string {
  if (names.length === 0) return '';
  return `${word} ${names.slice(0, 3).join(', ')}${names.length > 3 ? ` and ${names.length - 3} more` : ''}`;
}
