import type { LossTerms, TargetBatch } from '@polymodal/core';
import { takeRows, zeroPadding } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { generalizedOverlap } from './box-overlap';
import type { BoxFeatures } from './box-target';
import { classesOf, type MatchCosts, matchBoxes, type QueriedBoxes, type WantedBoxes } from './match-boxes';

/** How `boxLoss` weighs. */
export interface BoxLossConfig extends MatchCosts {
  readonly numQueries: number;
  /** Of queries that are to find nothing, in the cross-entropy. */
  readonly eosCoefficient: number;
  readonly bboxLossCoefficient: number;
  readonly giouLossCoefficient: number;
}

/**
 * The loss of set prediction (Carion et al. 2020, section 3.1; HF `ForObjectDetectionLoss`), over the layers that it is of, each with a matching of its
 * own: the cross-entropy of all queries (`class`), of which those that are to find nothing count less, and of the matched ones the distance of
 * their boxes (`box`) and what is missing to a generalized overlap of 1 (`overlap`), each the mean over the boxes that there are.
 *
 * @param layers what the queries say behind each, of the B rows that the head runs on
 */
export function boxLoss<Output>(
  { rows, features, values }: TargetBatch<BoxFeatures>,
  layersOf: (output: Output) => readonly QueriedBoxes[],
  config: BoxLossConfig,
): LossTerms<Output> {
  const { numQueries, eosCoefficient: none, bboxLossCoefficient, giouLossCoefficient } = config;
  const count = Array.from(values.mask.data).reduce((sum, one) => sum + one, 0);
  const matched = new WeakMap<object, Matched>();
  const matchedOf = (output: Output) => {
    const known = matched.get(output as object);
    if (known) return known;
    const own = layersOf(output).map(({ logits, boxes }) => ({
      logits: takeRows(logits, rows),
      boxes: takeRows(boxes, rows),
    }));
    const found = together(own, features, config);
    matched.set(output as object, found);
    return found;
  };
  const ofMatched = (difference: (found: tf.Tensor3D, wanted: tf.Tensor3D) => tf.Tensor) => (output: Output) => {
    const { boxes, match, wanted } = matchedOf(output);
    const found = tf.matMul(match, boxes) as tf.Tensor3D; // (P, T, 4)
    const padding = tf.sub(1, tf.expandDims(wanted.mask, 2)); // of both, so that they do not differ there
    const compared = zeroPadding(wanted.boxes, wanted.mask);
    return tf.sum<tf.Scalar>(difference(tf.add(found, padding), tf.add(compared, padding)));
  };
  return {
    class: {
      count: count + none * (rows.length * numQueries - count),
      sum: (output) => {
        const { logits, match, wanted } = matchedOf(output);
        const classes = logits.shape[2];
        const found = tf.matMul(match, classesOf(wanted.labels, classes), true); // (P, Q, K + 1)
        const nothing = tf.sub(1, tf.sum(match, 1)); // (P, Q)
        const weights = tf.mul(tf.expandDims(nothing, 2), noneOf(classes, none));
        return tf.neg(tf.sum(tf.mul(tf.add(found, weights), tf.logSoftmax(logits)))) as tf.Scalar;
      },
    },
    box: {
      count,
      weight: bboxLossCoefficient,
      sum: ofMatched((found, wanted) => tf.abs(tf.sub(found, wanted))),
    },
    overlap: {
      count,
      weight: giouLossCoefficient,
      sum: ofMatched((found, wanted) => tf.sub(1, generalizedOverlap(found, wanted))),
    },
  };
}

/** All layers as one batch of L · P rows, and which query is to find which box. */
interface Matched extends QueriedBoxes {
  /** (L · P, T, Q) */
  readonly match: tf.Tensor3D;
  readonly wanted: WantedBoxes;
}

function together(layers: readonly QueriedBoxes[], target: WantedBoxes, costs: MatchCosts): Matched {
  const again = <T extends tf.Tensor>(own: T) => tf.concat(layers.map(() => own)) as T;
  const all = {
    logits: tf.concat(layers.map(({ logits }) => logits)),
    boxes: tf.concat(layers.map(({ boxes }) => boxes)),
  };
  const { boxes, labels, mask } = target;
  const wanted = { boxes: again(boxes), labels: again(labels), mask: again(mask) };
  return { ...all, wanted, match: matchBoxes(all, wanted, costs) };
}

/** (K + 1): the weight of no object in the last place. */
function noneOf(classes: number, weight: number): tf.Tensor1D {
  return tf.tensor1d(Array.from({ length: classes }, (_, index) => (index === classes - 1 ? weight : 0)));
}
