import type { Module } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Values } from './read-tensors';

/** The result of a forward and a backward pass, in host memory. */
export interface Backward {
  readonly loss: number;
  /** By the path of the parameter; one that the loss does not depend on is not listed. */
  readonly gradients: Values;
  /** Names of variables that the loss depends on and that are no parameter of the module. */
  readonly strangers: readonly string[];
}

/** Differentiates a loss by every variable that it depends on, the parameters of `module` by their paths. */
export async function backward(module: Module, loss: () => tf.Scalar): Promise<Backward> {
  const paths = new Map([...module.parameters()].map(([path, { value }]) => [value.name, path]));
  const probe = tf.tidy(() => tf.variable(tf.scalar(0))); // tfjs refuses a loss that depends on no variable at all
  const { value, grads } = tf.variableGrads(() => tf.add(loss(), probe) as tf.Scalar);
  const [total] = await value.data();
  const gradients: Record<string, Values[string]> = {};
  const strangers: string[] = [];
  for (const [variable, gradient] of Object.entries(grads)) {
    const path = paths.get(variable);
    if (path !== undefined) gradients[path] = { shape: gradient.shape, data: (await gradient.data()).slice() };
    else if (variable !== probe.name) strangers.push(variable);
  }
  tf.dispose([value, grads]);
  probe.dispose();
  return { loss: total, gradients, strangers };
}
