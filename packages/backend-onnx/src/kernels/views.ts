import * as tf from '@tensorflow/tfjs-core';

/** A kernel whose output is its input's data in another shape. */
export interface ViewKernel {
  readonly name: string;
  /** Name of the input. */
  readonly input: string;
  /** Shape of the output. */
  shape(input: tf.TensorInfo, attributes: object): number[];
}

/** Kernels that compute nothing. */
export const viewKernels: readonly ViewKernel[] = [
  { name: 'Identity', input: 'x', shape: ({ shape }) => shape },
  {
    name: 'Reshape',
    input: 'x',
    shape(x, attributes) {
      const size = tf.util.sizeFromShape(x.shape);
      const shape = tf.util.inferFromImplicitShape((attributes as tf.ReshapeAttrs).shape, size);
      tf.util.assert(
        size === tf.util.sizeFromShape(shape),
        () =>
          `The new shape (${shape}) has ${tf.util.sizeFromShape(shape)} elements and the old shape (${x.shape}) has ${size}.`,
      );
      return shape;
    },
  },
  {
    name: 'ExpandDims',
    input: 'input',
    shape(input, attributes) {
      const { dim } = attributes as tf.ExpandDimsAttrs;
      const rank = input.shape.length;
      tf.util.assert(-(rank + 1) <= dim && dim <= rank, () => `Axis must be in [${-(rank + 1)}, ${rank}], got ${dim}.`);
      const shape = input.shape.slice();
      shape.splice(dim < 0 ? rank + dim + 1 : dim, 0, 1);
      return shape;
    },
  },
];
