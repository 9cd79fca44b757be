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
  /** Logits (P, N, 1 + colours), the first of no object. */
  readonly colours: tf.Tensor3D;
  /** Logits (P, N, shapes). */
  readonly shapes: tf.Tensor3D;
  /** (P, N, 2), in half cells from the middle of the picture. */
  readonly places: tf.Tensor3D;
}

/**
 * Says of each position of a picture which object has its centre there, and where exactly: what the tokens of an encoder have to know
 * before questions can be answered from them. Colour and shape are told apart, so that a shape is learned from objects of all colours; and
 * places are those in the picture, since relations are between them. It reads what the encoder made alone.
 */
export class LayoutHead extends Head<LayoutOutput, SeenObject[]> {
  readonly requires;
  override readonly reads = ['encoded'] as const;
  readonly linear: Linear;
  readonly #target: LayoutTarget;
  readonly #sizes: readonly [colours: number, shapes: number, coordinates: 2];

  constructor(
    readonly slot: string,
    width: number,
    target: LayoutTarget,
  ) {
    super();
    const { colours, shapes } = target.options;
    this.requires = { all: [slot] };
    this.#target = target;
    this.#sizes = [1 + colours.length, shapes.length, 2];
    this.linear = new Linear(
      width,
      this.#sizes.reduce((sum, own) => sum + own),
      { initializer: truncatedNormal(0.02) },
    );
  }

  forward({ fused }: HeadInput): LayoutOutput {
    const { tokens }: EncodedTokens = fusedPart(fused, 'encoded')[this.slot]; // (P, N, D)
    const [colours, shapes, places] = tf.split<tf.Tensor3D>(this.linear.forward(tokens), [...this.#sizes], 2);
    return { colours, shapes, places };
  }

  /** Of each object: the cross-entropy of the colours of all cells, that of its shape, and how far its place is off in both coordinates. */
  loss(target: TargetBatch<LayoutFeatures> | undefined): LossTerms<LayoutOutput> {
    if (!target) return {};
    const rows = tf.tensor1d(target.rows, 'int32');
    const count = Array.from(target.values.colours.data).filter((colour) => colour > 0).length;
    const { colours, shapes, places } = target.features;
    const isObject = () => tf.cast(tf.greater(colours, 0), 'float32'); // (P, N)
    const [numColours, numShapes] = this.#sizes;
    return {
      colour: {
        count,
        sum: (output) =>
          tf.sum(softmaxCrossEntropy(tf.gather(output.colours, rows), tf.oneHot(colours, numColours))) as tf.Scalar,
      },
      shape: {
        count,
        sum: (output) => {
          const surprise = softmaxCrossEntropy(tf.gather(output.shapes, rows), tf.oneHot(shapes, numShapes)); // (P, N)
          return tf.sum(tf.mul(isObject(), surprise)) as tf.Scalar;
        },
      },
      place: {
        count,
        sum: (output) => {
          const off = tf.sum(tf.abs(tf.sub(tf.gather(output.places, rows), places)), 2); // (P, N)
          return tf.sum(tf.mul(isObject(), off)) as tf.Scalar;
        },
      },
    };
  }

  scores({ colours, shapes, places }: LayoutOutput): tf.NamedTensorMap {
    return { colours: tf.argMax(colours, 2), shapes: tf.argMax(shapes, 2), places };
  }

  answers({ colours, shapes, places }: Readonly<Record<string, HostTensor>>): SeenObject[][] {
    const [rows, cells] = colours.shape;
    return Array.from({ length: rows }, (_, row) =>
      Array.from({ length: cells }, (_, cell) => row * cells + cell).flatMap((at) =>
        this.#objectAt(at, { colours, shapes, places }),
      ),
    );
  }

  /** The share of objects that are found: colour and shape within two pixels of their place. */
  override evaluate(predictions: readonly SeenObject[][], targets: readonly (LayoutRow | undefined)[]): Metrics {
    let [found, there] = [0, 0];
    predictions.forEach((seen, row) => {
      const target = targets[row];
      target?.colours.data.forEach((_, cell) => {
        for (const { colour, shape, x, y } of this.#objectAt(cell, target)) {
          there++;
          const isIt = (own: SeenObject) =>
            own.colour === colour && own.shape === shape && Math.hypot(own.x - x, own.y - y) < 2;
          if (seen.some(isIt)) found++;
        }
      });
    });
    return there > 0 ? { found: found / there } : {};
  }

  /** The object of a cell, if there is one. */
  #objectAt(at: number, { colours, shapes, places }: Readonly<Record<string, HostTensor>>): SeenObject[] {
    if (colours.data[at] === 0) return [];
    const place = [places.data[2 * at], places.data[2 * at + 1]] as const;
    return [this.#target.objectAt(colours.data[at], shapes.data[at], place)];
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
