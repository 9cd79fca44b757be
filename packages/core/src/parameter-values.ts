import * as tf from '@tensorflow/tfjs-core';
import { FileFormatError } from './errors';
import { type Module, requireModule } from './module';
import type { Parameter } from './parameter';
import { requireArgument } from './require-argument';
import type { NamedTensor } from './safetensors';

/** Copies every parameter's value to host memory, under its path. */
export async function readParameters(module: Module): Promise<Map<string, NamedTensor>> {
  const values = new Map<string, NamedTensor>();
  requireModule(module, 'readParameters');
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
  requireModule(module, 'writeParameters');
  requireArgument(tensors instanceof Map, 'writeParameters', 'a Map of tensors by their paths', tensors);
  const parameters = module.parameters();
  const missing = [...parameters.keys()].filter((path) => !tensors.has(path));
  const unexpected = [...tensors.keys()].filter((path) => !parameters.has(path));
  if (missing.length > 0 || unexpected.length > 0) {
    throw otherParameters(where, parameters.size, missing, unexpected);
  }
  for (const [path, parameter] of parameters) requireShape(parameter, tensors.get(path)!.shape, `${where}, ${path}`);
  for (const [path, parameter] of parameters) parameter.assignValues(tensors.get(path)!.data);
}

/** Fills the parameters of a module one at a time, as their values come from a file too large to be in memory twice. */
export class ParameterFiller {
  readonly #parameters: Map<string, Parameter>;
  readonly #count: number;

  readonly #where: string;

  /** @param where how error messages call the source */
  constructor(module: Module, where: string) {
    this.#where = where;
    this.#parameters = module.parameters();
    this.#count = this.#parameters.size;
  }

  /**
   * Gives the parameter of that path its value.
   *
   * @param tensor whose array nothing else uses
   * @throws FileFormatError if there is none, it had its value before, or the shape does not fit
   */
  fill(path: string, { shape, data }: NamedTensor): void {
    const parameter = this.#parameters.get(path);
    if (!parameter) throw otherParameters(this.#where, this.#count, [], [path]);
    requireShape(parameter, shape, `${this.#where}, ${path}`);
    parameter.adoptValues(data);
    this.#parameters.delete(path);
  }

  /** @throws FileFormatError if a parameter has got no value */
  finish(): void {
    if (this.#parameters.size === 0) return;
    throw otherParameters(this.#where, this.#count, [...this.#parameters.keys()], []);
  }
}

function otherParameters(
  where: string,
  count: number,
  missing: readonly string[],
  unexpected: readonly string[],
): FileFormatError {
  return new FileFormatError({
    where,
    expected: `exactly the ${count} parameters of the model`,
    received: [listed('without', missing), listed('with the unknown', unexpected)].filter(Boolean).join(' and '),
    hint: 'The weights belong to a model of another config.',
  });
}

function requireShape(parameter: Parameter, shape: readonly number[], where: string): void {
  if (tf.util.arraysEqual([...shape], [...parameter.shape])) return;
  throw new FileFormatError({ where, expected: `shape [${parameter.shape}]`, received: `[${shape}]` });
}

function listed(word: string, names: readonly string[]): string {
  if (names.length === 0) return '';
  return `${word} ${names.slice(0, 3).join(', ')}${names.length > 3 ? ` and ${names.length - 3} more` : ''}`;
}
