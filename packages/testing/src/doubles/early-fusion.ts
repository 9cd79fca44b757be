import {
  type Batch,
  type Context,
  defineFusion,
  type Encoders,
  type Fused,
  type FusedPart,
  Fusion,
} from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { keepValid } from '../compare/keep-valid';
import { Linear } from './linear';
import { MixingLayer, meanOfValid } from './reference-encoder';
import { checkRows, placeRows } from './reference-fusion';

/**
 * The smallest early fusion: what the encoders embed, side by side, through layers of its own. The layers of the encoders are not
 * run, so there is nothing that each made alone, and `encoded` is not offered.
 */
class EarlyFusion extends Fusion {
  override readonly offers: readonly FusedPart[] = ['owner'];
  readonly projections: Readonly<Record<string, Linear>>;
  readonly layer: MixingLayer;

  constructor(
    readonly hiddenSize: number,
    encoders: Encoders,
  ) {
    super();
    this.projections = Object.fromEntries(
      Object.entries(encoders).map(([slot, encoder]) => [slot, new Linear(encoder.hiddenSize, hiddenSize)]),
    );
    this.layer = new MixingLayer(hiddenSize, 0);
  }

  forward(encoders: Encoders, batch: Batch, context: Context): Fused {
    checkRows(batch);
    const slots = Object.keys(encoders);
    const parts = slots.flatMap((slot, index) => {
      const input = batch.modalities[slot];
      if (!input) return [];
      const { tokens, mask } = encoders[slot].embed(input, context);
      const projected = this.projections[slot].forward(keepValid(tokens, mask));
      const placed = placeRows(mask, input.rows, batch.size);
      return [{ tokens: placeRows(projected, input.rows, batch.size), mask: placed, owner: tf.mul(placed, 1 + index) }];
    });
    const joint = tf.concat(
      parts.map(({ tokens }) => tokens),
      1,
    );
    const mask = tf.concat(
      parts.map((part) => part.mask),
      1,
    );
    const owner = tf.concat(
      parts.map((part) => part.owner),
      1,
    );
    const tokens = this.layer.forward(joint, mask, context);
    const map = tf.cast(tf.sub(owner, 1), 'int32') as tf.Tensor2D;
    return { tokens, mask, pooled: meanOfValid(tokens, mask), owner: { map, slots } };
  }
}

/** An {@link EarlyFusion} for configs to `use`. */
export const earlyFusion = defineFusion({
  name: 'reference-early',
  config: z.object({}),
  create: (_, { hiddenSize, encoders }) => new EarlyFusion(hiddenSize, encoders),
});
