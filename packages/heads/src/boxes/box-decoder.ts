import { type Context, Module, Parameter, recomputed, ShapeError } from '@polymodal/core';
import {
  DecoderLayer,
  type DecoderLayerConfig,
  LayerNorm,
  Linear,
  normal,
  type TransformerConfig,
} from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { sinePositions } from './sine-positions';

/** What a {@link BoxDecoder} is made from. */
export interface BoxDecoderConfig extends TransformerConfig, Pick<DecoderLayerConfig, 'keyValueSize' | 'normPosition'> {
  readonly numQueries: number;
  /** Rows and columns in which the last of the attended tokens lie; undefined where nothing is added to them. */
  readonly grid: readonly [number, number] | undefined;
  /** What queries begin with: what each has learned, with a vector of the row or without, or zeros. */
  readonly startsFrom: 'queries' | 'pooled' | 'zeros';
  /** Width of that vector. */
  readonly pooledSize: number;
}

/** Tokens that queries look at. */
export interface LookedAt {
  /** (B, M, Dkv) */
  readonly tokens: tf.Tensor3D;
  /** (B, M), 1 = takes part. */
  readonly mask: tf.Tensor2D;
}

/**
 * Learned queries that see one another and look at tokens (Carion et al. 2020, section A.3; HF `DetrDecoder`). Each query has a vector of
 * its own that is added wherever queries and keys are made of queries, and tokens in a grid one of their place, where keys are made of them.
 */
export class BoxDecoder extends Module {
  /** (Q, D) */
  readonly queryPositions: Parameter<tf.Rank.R2>;
  readonly start: Linear | undefined;
  readonly layers: readonly DecoderLayer[];
  /** Behind each layer, of what is read there. */
  readonly norm: LayerNorm;
  readonly #config: BoxDecoderConfig;

  constructor(config: BoxDecoderConfig) {
    super();
    const { hiddenSize, numQueries, numHiddenLayers, dropPath, startsFrom, layerNormEps } = config;
    this.#config = config;
    this.queryPositions = new Parameter([numQueries, hiddenSize], normal(1));
    this.start = startsFrom === 'pooled' ? new Linear(config.pooledSize, hiddenSize) : undefined;
    this.layers = Array.from(
      { length: numHiddenLayers },
      (_, index) => new DecoderLayer({ ...config, dropPath: (dropPath * index) / Math.max(numHiddenLayers - 1, 1) }),
    );
    this.norm = new LayerNorm(hiddenSize, layerNormEps);
    // Of zeros it makes zeros, whatever it is: DETR has it all the same.
    if (startsFrom === 'zeros') this.layers[0].attention.value.weight.trainable = false;
  }

  /**
   * @param pooled (B, pooledSize), of each row, read where queries begin with it
   * @returns      (B, Q, D) behind each layer, finished
   */
  forward({ tokens, mask }: LookedAt, pooled: tf.Tensor2D, context: Context): tf.Tensor3D[] {
    const { numQueries, hiddenSize } = this.#config;
    const [batch] = mask.shape;
    const own = tf.expandDims<tf.Tensor3D>(this.queryPositions.value, 0); // (1, Q, D)
    const places = this.#placesOf(tokens);
    const all = tf.ones<tf.Rank.R2>([batch, numQueries]);
    const zeros = tf.zeros<tf.Rank.R3>([batch, numQueries, hiddenSize]);
    let x = this.#config.startsFrom === 'zeros' ? zeros : tf.add<tf.Tensor3D>(zeros, own);
    if (this.start) x = tf.add(x, tf.expandDims(this.start.forward(pooled), 1));
    const used = { tokens, mask, own, places, all };
    return this.layers.map((layer) => {
      const run = (queries: tf.Tensor3D, again: Context) => {
        const ours = tf.clone(own); // used once by each layer, so that gradients are summed alike where it is computed again
        return layer.forwardWith(
          queries,
          (y) => layer.attention.forward(tf.add(y, ours), y, all, again, undefined, undefined, ours),
          (y) => layer.crossAttention.forward(tf.add(y, ours), tokens, mask, again, undefined, undefined, places),
          again,
        );
      };
      x = recomputed(x, context, run, used);
      return this.norm.forward(x);
    });
  }

  /** (1, M, Dkv) */
  #placesOf({ shape: [, count, width] }: tf.Tensor3D): tf.Tensor3D | undefined {
    const { grid } = this.#config;
    if (!grid) return undefined;
    if (grid[0] * grid[1] > count) {
      throw new ShapeError({
        where: 'grid',
        expected: `as many tokens as ${grid[0]} rows of ${grid[1]} have, or more`,
        received: `${count}`,
        hint: 'The grid is that of the tokens which the head looks at: of a picture of 48 pixels in patches of 8 it is [6, 6].',
      });
    }
    return tf.tensor3d(sinePositions(grid, width, count), [1, count, width]);
  }
}
