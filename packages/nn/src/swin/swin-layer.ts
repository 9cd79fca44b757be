import { type Context, Module } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import type { ActivationName } from '../activations';
import { dropPath } from '../drop-path';
import { dropout } from '../dropout';
import { Embedding } from '../embedding';
import { FeedForward } from '../feed-forward';
import { zeros } from '../initializers';
import { LayerNorm } from '../layer-norm';
import { MultiHeadAttention } from '../multi-head-attention';
import type { Grid } from './grid';
import { relativePositions, type ShiftedRegions } from './window-bias';
import { cutWindows, joinWindows, padMaps, shiftMaps } from './windows';

/** Config of {@link SwinLayer}. */
export interface SwinLayerConfig {
  readonly hiddenSize: number;
  readonly numAttentionHeads: number;
  readonly windowSize: number;
  /** Whether windows are shifted by half their size, as in every other layer. */
  readonly shifted: boolean;
  readonly mlpRatio: number;
  readonly hiddenAct: ActivationName;
  readonly hiddenDropoutProb: number;
  readonly attentionProbsDropoutProb: number;
  /** On what attention adds; `hiddenDropoutProb` by default. */
  readonly attentionOutputDropoutProb?: number;
  readonly dropPathRate: number;
  readonly layerNormEps: number;
  readonly qkvBias: boolean;
}

/**
 * A pre-norm Transformer layer whose tokens attend to those of their window, with a bias for their relative position (Liu et
 * al. 2021, eq. 3 and 4; HF `SwinLayer`).
 */
export class SwinLayer extends Module {
  readonly norm1: LayerNorm;
  readonly attention: MultiHeadAttention;
  /** ((2 · windowSize − 1)², H) */
  readonly relativePositionBias: Embedding;
  readonly norm2: LayerNorm;
  readonly feedForward: FeedForward;
  readonly #config: SwinLayerConfig;

  constructor(config: SwinLayerConfig) {
    super();
    const { hiddenSize, numAttentionHeads, windowSize, qkvBias } = config;
    this.norm1 = new LayerNorm(hiddenSize, config.layerNormEps);
    this.attention = new MultiHeadAttention({
      hiddenSize,
      numAttentionHeads,
      attentionDropout: config.attentionProbsDropoutProb,
      bias: { query: qkvBias, key: qkvBias, value: qkvBias },
    });
    this.relativePositionBias = new Embedding((2 * windowSize - 1) ** 2, numAttentionHeads, { initializer: zeros });
    this.norm2 = new LayerNorm(hiddenSize, config.layerNormEps);
    this.feedForward = new FeedForward({
      hiddenSize,
      intermediateSize: Math.trunc(hiddenSize * config.mlpRatio),
      hiddenAct: config.hiddenAct,
      hiddenDropout: config.hiddenDropoutProb,
    });
    this.#config = config;
  }

  /**
   * @param tokens  (P, rows · columns, D), no side of the grid less than the window's
   * @param regions what shifted windows keep apart, of this grid
   * @returns (P, rows · columns, D)
   */
  forward(tokens: tf.Tensor3D, grid: Grid, context: Context, regions: ShiftedRegions | undefined): tf.Tensor3D {
    const { hiddenDropoutProb, attentionOutputDropoutProb = hiddenDropoutProb, dropPathRate } = this.#config;
    const normed = this.norm1.forward(tokens);
    const attended = dropout(this.#attend(normed, grid, context, regions), attentionOutputDropoutProb, context, this);
    const between = tf.add<tf.Tensor3D>(tokens, dropPath(attended, dropPathRate, context, this));
    return tf.add(between, this.feedForward.forward(this.norm2.forward(between), context));
  }

  #attend(
    tokens: tf.Tensor3D,
    [rows, columns]: Grid,
    context: Context,
    regions: ShiftedRegions | undefined,
  ): tf.Tensor3D {
    const { windowSize, shifted } = this.#config;
    const own = shifted ? regions : undefined;
    const shift = own?.shift ?? 0;
    const [size, , hiddenSize] = tokens.shape;
    const padded = padMaps(tf.reshape(tokens, [size, rows, columns, hiddenSize]), [windowSize, windowSize]);
    const windows = cutWindows(shiftMaps(padded, shift), windowSize); // (P · windows, windowSize², D)
    const [, height, width] = padded.shape;
    const bias = this.#bias(own?.bias, size);
    const mask = tf.ones<tf.Rank.R2>([windows.shape[0], windows.shape[1]]); // zeros that were added count, as in Python
    const attended = this.attention.forward(windows, windows, mask, context, bias);
    const maps = shiftMaps(joinWindows(attended, windowSize, [height, width]), -shift);
    return tf.reshape(tf.slice(maps, [0, 0, 0, 0], [size, rows, columns, hiddenSize]), [
      size,
      rows * columns,
      hiddenSize,
    ]);
  }

  /** (1, H, n, n), or (P · windows, H, n, n) where windows differ by what the shift brought together. */
  #bias(apart: tf.Tensor3D | undefined, size: number): tf.Tensor4D {
    const { windowSize, numAttentionHeads } = this.#config;
    const area = windowSize * windowSize;
    const looked = this.relativePositionBias.forward<tf.Tensor2D>(relativePositions(windowSize)); // (n · n, H)
    const relative = tf.reshape<tf.Rank.R4>(tf.transpose(looked), [1, numAttentionHeads, area, area]);
    if (!apart) return relative;
    return tf.add(relative, tf.tile(tf.expandDims(apart, 1), [size, 1, 1, 1])); // (P · windows, H, n, n)
  }
}
