import * as tf from '@tensorflow/tfjs-core';

/**
 * What each output of a convolution is made from, as a row, in the order of a kernel (kernelSize, C): a convolution is then a
 * product of matrices. The windows are laid side by side from strided parts of x, few of them.
 *
 * @param x (B, L, C)
 * @returns (B, L', kernelSize · C), L' as of a convolution without padding
 */
export function slidingWindows(x: tf.Tensor3D, kernelSize: number, stride: number): tf.Tensor3D {
  const [batch, length, channels] = x.shape;
  const count = Math.floor((length - kernelSize) / stride) + 1;
  const parts = Math.ceil(kernelSize / stride); // a window spans so many steps
  const steps = count + parts - 1;
  const fitted = fit(x, steps * stride);
  const rows = tf.reshape<tf.Rank.R3>(fitted, [batch, steps, stride * channels]);
  const windows = Array.from({ length: parts }, (_, part) => {
    const width = Math.min(stride, kernelSize - part * stride) * channels;
    return tf.slice(rows, [0, part, 0], [batch, count, width]);
  });
  return parts === 1 ? windows[0] : tf.concat(windows, 2);
}

/** Cut off at the end, or filled up with zeros that no window reaches. */
function fit(x: tf.Tensor3D, wanted: number): tf.Tensor3D {
  const [batch, length, channels] = x.shape;
  if (wanted <= length) return tf.slice(x, 0, [batch, wanted, channels]);
  return tf.pad(x, [
    [0, 0],
    [0, wanted - length],
    [0, 0],
  ]);
}
