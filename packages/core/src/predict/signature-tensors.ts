import * as tf from '@tensorflow/tfjs-core';
import { describeValue } from '../describe-value';
import { ConfigError, ShapeError } from '../errors';
import { isRecord } from '../require-argument';
import { unknownKeys } from '../unknown-keys';

/** What the named tensors of a signature are like. */
export type TensorForms = Readonly<Record<string, TensorForm>>;

interface TensorForm {
  readonly dtype: tf.DataType;
  /** Sizes of the axes; the name of one that may have any, which is the same for all axes of that name. */
  readonly axes: readonly (number | string)[];
}

/**
 * The forms of named tensors.
 *
 * @param open    names of axes, by tensor and axis, that have any size, but one of a name
 * @param isFixed whether the other axes of a tensor always have the size that they have here
 */
export function formsOf(
  tensors: tf.NamedTensorMap,
  open: Readonly<Record<string, Readonly<Record<number, string>>>>,
  isFixed: (name: string) => boolean,
): TensorForms {
  const forms = Object.entries(tensors).map(([name, { shape, dtype }]): [string, TensorForm] => {
    const own = (size: number, axis: number) => (isFixed(name) ? size : `size of axis ${axis} of ${name}`);
    return [name, { dtype, axes: shape.map((size, axis) => open[name][axis] ?? own(size, axis)) }];
  });
  return Object.fromEntries(forms);
}

/**
 * Makes sure that named tensors are those that a signature takes or gives.
 *
 * @param where how error messages call them: `signature.run`
 * @param what  one of them: `input`
 * @throws ConfigError for one that is missing, unknown or no tensor
 * @throws ShapeError for one of another type or shape
 */
export function checkNamedTensors(where: string, what: string, tensors: unknown, forms: TensorForms): void {
  const names = Object.keys(forms);
  if (!isRecord(tensors)) {
    throw new ConfigError({
      where,
      expected: `tensors by name: ${names.join(', ')}`,
      received: describeValue(tensors),
    });
  }
  const unknown = unknownKeys(tensors, names);
  if (unknown) throw new ConfigError({ where, expected: `only ${what}s of the signature`, ...unknown });
  const sizes = new Map<string, readonly [size: number, name: string]>();
  for (const name of names) {
    const tensor = Object.hasOwn(tensors, name) ? tensors[name] : undefined;
    const at = `${where}, ${what} "${name}"`;
    if (!(tensor instanceof tf.Tensor) || tensor.isDisposed) {
      const received = tensor instanceof tf.Tensor ? 'one that was disposed' : describeValue(tensor);
      throw new ConfigError({ where: at, expected: 'a tensor', received, hint: `All of them: ${names.join(', ')}.` });
    }
    checkForm(at, name, tensor, forms[name], sizes);
  }
}

function checkForm(
  where: string,
  name: string,
  { shape, dtype }: tf.Tensor,
  form: TensorForm,
  sizes: Map<string, readonly [size: number, name: string]>,
): void {
  if (dtype !== form.dtype) throw new ShapeError({ where, expected: `a tensor of ${form.dtype}`, received: dtype });
  const fits = (size: number | string, axis: number) => typeof size === 'string' || size === shape[axis];
  if (shape.length !== form.axes.length || !form.axes.every(fits)) {
    throw new ShapeError({ where, expected: `shape [${form.axes.join(', ')}]`, received: `[${shape.join(', ')}]` });
  }
  form.axes.forEach((axis, index) => {
    if (typeof axis === 'number') return;
    const [size, other] = sizes.get(axis) ?? [shape[index], name];
    sizes.set(axis, [size, other]);
    if (size === shape[index]) return;
    throw new ShapeError({ where, expected: `${size} ${axis}, as in "${other}"`, received: `${shape[index]}` });
  });
}
