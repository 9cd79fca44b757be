import type { Context, Module } from '@polymodal/core';
import { dropout, gelu, Linear } from '@polymodal/nn';
import type * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';

/** The options of what stands between the pooled representation and a head's last linear map, to spread into its schema. */
export const hiddenOptions = {
  /** Widths of the layers before the last, each followed by GELU; none by default. */
  hiddenSizes: z.array(z.int().positive()).readonly().default([]),
  /** Rate of dropout before the last layer. */
  dropout: z.number().min(0).lt(1).default(0),
};

/** Sizes of the layers before the last of a head, and the rate of dropout behind them. */
export interface HiddenConfig {
  /** Of the pooled representation. */
  readonly hiddenSize: number;
  readonly hiddenSizes: readonly number[];
  readonly dropout: number;
}

/** The layers before a head's last. */
export function hiddenLayers({ hiddenSize, hiddenSizes }: HiddenConfig): Linear[] {
  return hiddenSizes.map((width, index) => new Linear(hiddenSizes[index - 1] ?? hiddenSize, width));
}

/** How wide that is which they give. */
export function lastWidth({ hiddenSize, hiddenSizes }: HiddenConfig): number {
  return hiddenSizes.at(-1) ?? hiddenSize;
}

/** The pooled representation (B, D), through those layers and dropout: (B, lastWidth). */
export function throughHidden(
  layers: readonly Linear[],
  pooled: tf.Tensor2D,
  rate: number,
  context: Context,
  head: Module,
): tf.Tensor2D {
  const hidden = layers.reduce((vector, layer) => gelu(layer.forward(vector)), pooled);
  return dropout(hidden, rate, context, head);
}
