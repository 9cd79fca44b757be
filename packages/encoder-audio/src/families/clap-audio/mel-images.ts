import { ShapeError } from '@polymodal/core';
import { bicubicWeights } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';

/**
 * Spectrograms as square pictures: cut along time into pieces as long as a side, which lie one above the other (Chen et al. 2022,
 * section 2.1; HF `reshape_mel2img`). Spectrograms that are too short are stretched, bicubically.
 *
 * @param spectrograms (P, C, frames, bins)
 * @param specSize     S, the side of a picture
 * @param numPieces    R, how many pieces there are: S is a multiple of it
 * @returns (P, C, S, S): time goes to the right, and pitch down, R times
 * @throws ShapeError for more than S · R frames, or S / R bins
 */
export function melImages(spectrograms: tf.Tensor4D, specSize: number, numPieces: number): tf.Tensor4D {
  const [size, channels] = spectrograms.shape;
  const wide = stretch(spectrograms, specSize / numPieces, 'bins');
  const overTime = stretch(tf.transpose(wide, [0, 1, 3, 2]), specSize * numPieces, 'frames');
  const pieces = tf.reshape(overTime, [size * channels, specSize / numPieces, numPieces, specSize]);
  return tf.reshape(tf.transpose(pieces, [0, 2, 1, 3]), [size, channels, specSize, specSize]);
}

/** Resamples the last axis to a greater length, on which its ends lie where they lay. */
function stretch(spectrograms: tf.Tensor4D, length: number, axis: 'frames' | 'bins'): tf.Tensor4D {
  const [size, channels, height, available] = spectrograms.shape;
  if (available === length) return spectrograms;
  if (available > length) {
    throw new ShapeError({
      where: 'inputFeatures',
      expected: `at most ${length} ${axis}`,
      received: `${available}`,
      hint: 'Let the processor that stands beside the model cut what is longer.',
    });
  }
  const rows = tf.reshape<tf.Rank.R2>(spectrograms, [size * channels * height, available]);
  const weights = bicubicWeights(available, length, { alignCorners: true }); // (length, available)
  return tf.reshape(tf.matMul(rows, weights, false, true), [size, channels, height, length]);
}
