import { suggestNames, UnknownNameError } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { gelu } from './functional/gelu';
import { geluTanh } from './functional/gelu-tanh';
import { quickGelu } from './functional/quick-gelu';

/** An elementwise function of one tensor. */
export type Activation = <T extends tf.Tensor>(x: T) => T;

/** The names of {@link activation}, those of Hugging Face's `ACT2FN`. */
export const activationNames = [
  'gelu',
  'gelu_new',
  'gelu_pytorch_tanh',
  'quick_gelu',
  'relu',
  'silu',
  'swish',
  'sigmoid',
  'tanh',
] as const;

/** A name of {@link activation}, as in `hidden_act` of a Hugging Face config. */
export type ActivationName = (typeof activationNames)[number];

/**
 * The activation of a name.
 *
 * @throws UnknownNameError suggesting the nearest names
 */
export function activation(name: ActivationName): Activation {
  if (Object.hasOwn(activations, name)) return activations[name];
  throw new UnknownNameError({
    where: 'hiddenAct',
    expected: 'the name of an activation',
    received: JSON.stringify(name),
    hint: suggestNames(name, [...activationNames]),
  });
}

const activations: Readonly<Record<ActivationName, Activation>> = {
  gelu,
  gelu_new: geluTanh,
  gelu_pytorch_tanh: geluTanh,
  quick_gelu: quickGelu,
  relu: (x) => tf.relu(x),
  silu,
  swish: silu,
  sigmoid: (x) => tf.sigmoid(x),
  tanh: (x) => tf.tanh(x),
};

/** x σ(x) (Elfwing et al. 2017). */
function silu<T extends tf.Tensor>(x: T): T {
  return tf.mul(x, tf.sigmoid(x));
}
