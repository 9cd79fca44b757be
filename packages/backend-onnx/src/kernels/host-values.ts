import type * as tf from '@tensorflow/tfjs-core';
import { type HostArray, newArray } from '../data-type';

/** A kernel whose output depends on its attributes alone: it is written down at once, as `tf.tensor` would. */
export interface HostValuesKernel {
  readonly name: string;
  make(attributes: object): { dtype: 'float32' | 'int32'; values: HostArray };
}

/** Sequences of numbers. As on the cpu backend each is the one before plus the step, rounded to the data type. */
export const hostValuesKernels: readonly HostValuesKernel[] = [
  {
    name: 'Range',
    make(attributes) {
      const { start, stop, step, dtype } = attributes as tf.RangeAttrs;
      const isDownwards = stop < start;
      const isEmpty = start === stop || (start < stop && step < 0) || (isDownwards && step > 1);
      const length = isEmpty ? 0 : Math.abs(Math.ceil((stop - start) / step));
      return { dtype, values: sequence(start, isDownwards && step === 1 ? -1 : step, length, dtype) };
    },
  },
  {
    name: 'LinSpace',
    make(attributes) {
      const { start, stop, num } = attributes as tf.LinSpaceAttrs;
      return { dtype: 'float32', values: sequence(start, (stop - start) / (num - 1), num, 'float32') };
    },
  },
];

function sequence(start: number, step: number, length: number, dtype: 'float32' | 'int32'): HostArray {
  const values = newArray(dtype, length);
  for (let i = 0; i < length; i++) values[i] = i === 0 ? start : values[i - 1]! + step;
  return values;
}
