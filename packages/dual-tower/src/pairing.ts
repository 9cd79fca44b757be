import { ShapeError } from '@polymodal/core';
import { softmaxCrossEntropy } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs';

/**
 * How the logits of pairs are meant: as a choice among all texts (CLIP, CLAP: `softmax`), or each pair by itself, as one that
 * belongs together or does not (SigLIP: `sigmoid`).
 */
export type Pairing = 'softmax' | 'sigmoid';

/**
 * What the logits of pairs say.
 *
 * @param logits (B, T)
 * @returns      (B, T), of each row's texts; rows sum to 1 for `softmax`
 */
export function pairProbabilities(logits: tf.Tensor2D, pairing: Pairing): tf.Tensor2D {
  return pairing === 'softmax' ? tf.softmax(logits) : tf.sigmoid(logits);
}

/**
 * The loss of a batch in which row i belongs to text i and to no other: the mean of the cross-entropies of finding the text
 * and of finding the row (Radford et al. 2021, figure 3), or the log-loss of all pairs, summed for each text (Zhai et al. 2023,
 * eq. 1; `loss` of HF `CLIPModel` and `SiglipModel`).
 *
 * @param logits (B, B)
 * @throws ShapeError if there are not as many texts as rows
 */
export function pairLoss(logits: tf.Tensor2D, pairing: Pairing): tf.Scalar {
  const [rows, texts] = logits.shape;
  if (rows !== texts) {
    throw new ShapeError({ where: 'logits', expected: 'as many texts as rows', received: `[${logits.shape}]` });
  }
  const matches = tf.eye(rows);
  if (pairing === 'sigmoid') {
    const signed = tf.mul(logits, tf.sub(tf.mul(matches, 2), 1));
    return tf.div(tf.sum(tf.softplus(tf.neg(signed))), texts); // −log sigmoid(x) = softplus(−x)
  }
  const textLosses = softmaxCrossEntropy(logits, matches);
  const rowLosses = softmaxCrossEntropy(tf.transpose(logits), matches);
  return tf.mean(tf.div(tf.add(textLosses, rowLosses), 2));
}
