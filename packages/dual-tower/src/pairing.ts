import { ShapeError } from '@polymodal/core';
import { softmaxCrossEntropy } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';

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
  if (pairing === 'softmax') return choiceLoss(logits, (perRow) => tf.transpose(perRow));
  const texts = countPairs(logits);
  const signed = tf.mul(logits, tf.sub(tf.mul(tf.eye(texts), 2), 1));
  return tf.div(tf.sum(tf.softplus(tf.neg(signed))), texts); // −log sigmoid(x) = softplus(−x)
}

/**
 * The mean of the cross-entropies of finding the text of each row and the row of each text, of pairs as {@link pairLoss} has them.
 *
 * @param logits    (B, B), of each row's texts
 * @param perTextOf logits (B, B) → (B, B), of each text's rows
 * @throws ShapeError if there are not as many texts as rows
 */
export function choiceLoss(logits: tf.Tensor2D, perTextOf: (logits: tf.Tensor2D) => tf.Tensor2D): tf.Scalar {
  const matches = tf.eye(countPairs(logits));
  const losses = [logits, perTextOf(logits)].map((each) => softmaxCrossEntropy(each, matches));
  return tf.mean(tf.div(tf.addN(losses), 2));
}

function countPairs({ shape }: tf.Tensor2D): number {
  const [rows, texts] = shape;
  if (rows === texts) return rows;
  throw new ShapeError({ where: 'logits', expected: 'as many texts as rows', received: `[${shape}]` });
}
