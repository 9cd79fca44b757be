import * as tf from '@tensorflow/tfjs-core';
import { type NativeKernel, nativeKernel, numbers } from './native-kernel';

/** Sums of products over named axes. */
export const einsumKernels: readonly NativeKernel[] = [
  nativeKernel<tf.EinsumAttrs>('Einsum', numbers, (trace, inputs, { equation }) => {
    const operands = Object.values(inputs);
    const { allDims, idDims } = tf.backend_util.decodeEinsumEquation(equation, operands.length);
    tf.backend_util.checkEinsumDimSizes(allDims.length, idDims, operands as never);
    if (operands.some(({ type }) => type !== operands[0]!.type)) return null;
    const [terms, output] = equation.replace(/\s/g, '').split('->') as [string, string];
    const sizes = new Map<string, number>();
    terms.split(',').forEach((term, i) => {
      [...term].forEach((letter, axis) => sizes.set(letter, operands[i]!.shape[axis]!));
    });
    const shape = [...output].map((letter) => sizes.get(letter)!);
    return trace.add('Einsum', operands, shape, operands[0]!.type, { equation: `${terms}->${output}` });
  }),
];
