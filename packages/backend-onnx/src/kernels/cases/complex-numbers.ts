import * as tf from '@tensorflow/tfjs-core';
import type { KernelCase } from './kernel-case';

/** Complex numbers and Fourier transforms: kernels that the cpu backend computes. */
export const complexCases: readonly KernelCase[] = [
  pairs('complex, real, imag and abs', (z) => [z, tf.real(z), tf.imag(z), tf.abs(z)]),
  pairs('add, sub and mul', (z, w) => [tf.add(z, w), tf.sub(z, w), tf.mul(z, w)]),
  pairs('reshape and expandDims', (z) => [tf.reshape(z, [-1]), tf.expandDims(z)]),
  // Not together with a reshape: the cpu backend gives the parts of the tensor itself the other shape.
  pairs('concat', (z, w) => [tf.concat([z, w])]),
  pairs('cast, zerosLike, onesLike and clone', (z) => [
    tf.cast(tf.real(z), 'complex64'),
    tf.zerosLike(z),
    tf.onesLike(z),
    tf.clone(z),
  ]),
  {
    name: 'fft and ifft',
    fallsBack: true,
    cancels: true,
    make: (random) => {
      const shape = [random.integer(1, 3), random.pick([1, 2, 3, 4, 5, 8])];
      return {
        inputs: [random.floats(shape), random.floats(shape)],
        apply: (real, imag) => {
          const z = tf.complex(tf.cast(real!, 'float32'), tf.cast(imag!, 'float32'));
          return [tf.spectral.fft(z), tf.spectral.ifft(z)];
        },
      };
    },
  },
  {
    name: 'rfft, irfft and stft',
    fallsBack: true,
    cancels: true,
    make: (random) => ({
      inputs: [random.floats([2, 8]), random.floats([16])],
      apply: (x, signal) => [
        tf.spectral.rfft(tf.cast(x!, 'float32')),
        tf.spectral.irfft(tf.spectral.rfft(tf.cast(x!, 'float32'))),
        tf.signal.stft(tf.cast(signal!, 'float32') as tf.Tensor1D, 4, 2),
      ],
    }),
  },
];

function pairs(name: string, run: (z: tf.Tensor, w: tf.Tensor) => tf.Tensor[]): KernelCase {
  return {
    name: `${name} of complex numbers`,
    fallsBack: true,
    make: (random) => {
      const shape = random.shape(1, 4);
      return {
        inputs: [0, 1, 2, 3].map(() => random.floats(shape)),
        apply: (...parts) => {
          const [a, b, c, d] = parts.map((part) => tf.cast(part, 'float32')) as [
            tf.Tensor,
            tf.Tensor,
            tf.Tensor,
            tf.Tensor,
          ];
          return run(tf.complex(a, b), tf.complex(c, d));
        },
      };
    },
  };
}
