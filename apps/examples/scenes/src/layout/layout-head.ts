import {
  defineHead,
  definePlugin,
  type EncodedTokens,
  fusedPart,
  Head,
  type HeadInput,
  type HostTensor,
  type LossTerms,
  type Metrics,
  type TargetBatch,
} from '@polymodal/core';
import { Linear, softmaxCrossEntropy, truncatedNormal } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { type LayoutFeatures, type LayoutRow, type LayoutTarget, layoutTarget, type SeenObject } from './layout-target';

/** What is said of each cell. */
interface LayoutOutput {
  /** (P, N, 1 + colours · shapes) */
  readonly logits: tf.Tensor3D;
  /** (P, N, 2), in half cells from the middle of the cell. */
  readonly places: tf.Tensor3D;
}

/**
 * Says of each position of a picture which object has its centre there, and where exactly: what the tokens of an encoder have to know
 * before questions can be answered from them. It reads what the encoder made alone.
 */
export class LayoutHead extends Head<LayoutOutput, SeenObject[]> {
  readonly requires;
  override readonly reads = ['encoded'] as const;
  readonly linear: Linear;
  readonly #target: LayoutTarget;
  readonly #classes: number;

  constructor(
    readonly slot: string,
    width: number,
    target: LayoutTarget,
  ) {
    super();
    const { colours, shapes } = target.options;
    this.requires = { all: [slot] };
    this.#target = target;
    this.#classes = 1 + colours.length * shapes.length;
    this.linear = new Linear(width, this.#classes + 2, { initializer: truncatedNormal(0.02) });
  }

  forward({ fused }: HeadInput): LayoutOutput {
    const { tokens }: EncodedTokens = fusedPart(fused, 'encoded')[this.slot]; // (P, N, D)
    const [logits, places] = tf.split<tf.Tensor3D>(this.linear.forward(tokens), [this.#classes, 2], 2);
    return { logits, places };
  }

  /** Of each object: the cross-entropy of all cells, and how far its place is off in both coordinates. */
  loss(target: TargetBatch<LayoutFeatures> | undefined): LossTerms<LayoutOutput> {
    if (!target) return {};
    const rows = tf.tensor1d(target.rows, 'int32');
    const count = Array.from(target.values.classes.data).filter((kind) => kind > 0).length;
    const { classes, places } = target.features;
    return {
      object: {
        count,
        sum: ({ logits }) =>
          tf.sum(softmaxCrossEntropy(tf.gather(logits, rows), tf.oneHot(classes, this.#classes))) as tf.Scalar,
      },
      place: {
        count,
        sum: (output) => {
          const isObject = tf.expandDims(tf.cast(tf.greater(classes, 0), 'float32'), 2);
          return tf.sum(tf.mul(isObject, tf.abs(tf.sub(tf.gather(output.places, rows), places)))) as tf.Scalar;
        },
      },
    };
  }

  scores({ logits, places }: LayoutOutput): tf.NamedTensorMap {
    return { kinds: tf.argMax(logits, 2), places };
  }

  answers({ kinds, places }: Readonly<Record<string, HostTensor>>): SeenObject[][] {
    const [rows, cells] = kinds.shape;
    return Array.from({ length: rows }, (_, row) =>
      Array.from({ length: cells }, (_, cell) => cell).flatMap((cell) => {
        const at = row * cells + cell;
        const kind = kinds.data[at];
        return kind === 0 ? [] : [this.#target.objectAt(kind, cell, [places.data[2 * at], places.data[2 * at + 1]])];
      }),
    );
  }

  /** The share of objects that are found: colour and shape within two pixels of their place. */
  override evaluate(predictions: readonly SeenObject[][], targets: readonly (LayoutRow | undefined)[]): Metrics {
    let [found, there] = [0, 0];
    predictions.forEach((seen, row) => {
      const target = targets[row];
      if (!target) return;
      const { classes, places } = target;
      classes.data.forEach((kind, cell) => {
        if (kind === 0) return;
        const { colour, shape, x, y } = this.#target.objectAt(kind, cell, [
          places.data[2 * cell],
          places.data[2 * cell + 1],
        ]);
        there++;
        if (seen.some((own) => own.colour === colour && own.shape === shape && Math.hypot(own.x - x, own.y - y) < 2)) {
          found++;
        }
      });
    });
    return there > 0 ? { found: found / there } : {};
  }
}

/** The head `layout`. */
export const layout = definePlugin({
  name: 'layout',
  specificationVersion: 'v1',
  heads: [
    defineHead({
      name: 'layout',
      target: layoutTarget,
      config: z.object({ /** Whose tokens it reads. */ slot: z.string() }),
      create: ({ slot }, { encoders, target }) => new LayoutHead(slot, encoders[slot].hiddenSize, target),
    }),
  ],
});
