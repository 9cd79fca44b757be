import { type Context, type Encoders, type Fused, Fusion, Parameter, type Sequence } from '@polymodal/core';
import {
  LayerNorm,
  repeatRows,
  type TransformerConfig,
  type TransformerLayer,
  transformerLayers,
  truncatedNormal,
  zeroPadding,
} from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { mapRecord } from './map-record';
import { type InteractionsConfig, ModalityInteractions } from './modality-interactions';
import { type Missing, ModalityTokens, type PlacedTokens } from './modality-tokens';
import { ownersSideBySide } from './token-owners';

/** Sizes and choices of a {@link JointTransformer}. */
export interface JointTransformerConfig extends TransformerConfig, InteractionsConfig {
  readonly missing: Missing;
}

/** The tokens of all modalities, before a layer. */
export interface JointTokens {
  /** (B, N, D): the class token, then those of each modality that a row of the batch has. */
  readonly tokens: tf.Tensor3D;
  /** (B, N) */
  readonly mask: tf.Tensor2D;
  /** By slot (B, n), where its tokens lie: 1 for those that take part in its place. */
  readonly parts: Readonly<Record<string, tf.Tensor2D>>;
  /** What interactions add to the logits of attention. */
  readonly bias: tf.Tensor4D | undefined;
}

/** Changes the joint tokens in the place of a layer, or around it. */
export type RunLayer = (index: number, joint: JointTokens) => tf.Tensor3D;

/**
 * What fusions by a joint Transformer have in common: a class token and the tokens of the modalities that are present, side by side,
 * those of others masked; layers over all of them; the class token as the pooled representation.
 */
export abstract class JointTransformer extends Fusion {
  readonly hiddenSize: number;
  /** (1, 1, D) */
  readonly classToken: Parameter<tf.Rank.R3>;
  readonly modalities: Readonly<Record<string, ModalityTokens>>;
  readonly interactions: ModalityInteractions;
  readonly layers: readonly TransformerLayer[];
  readonly norm: LayerNorm;

  /** @param widths of the tokens that each modality comes with */
  constructor(config: JointTransformerConfig, encoders: Encoders, widths: Readonly<Record<string, number>>) {
    super();
    const { hiddenSize, missing } = config;
    this.hiddenSize = hiddenSize;
    this.classToken = new Parameter([1, 1, hiddenSize], truncatedNormal(0.02));
    this.modalities = Object.fromEntries(
      Object.keys(encoders).map((slot) => [
        slot,
        new ModalityTokens({ encoderSize: widths[slot], hiddenSize, missing }),
      ]),
    );
    this.interactions = new ModalityInteractions(config, encoders);
    this.layers = transformerLayers(config);
    this.norm = new LayerNorm(hiddenSize, config.layerNormEps);
  }

  /** The tokens of each modality for all rows of a batch of size B, and what stands for those that no row has. */
  protected place(sequences: Readonly<Record<string, Sequence>>, size: number): Record<string, PlacedTokens> {
    const placed: Record<string, PlacedTokens> = {};
    for (const [slot, module] of Object.entries(this.modalities)) {
      const own = module.forward(sequences[slot], size);
      if (own) placed[slot] = own;
    }
    return placed;
  }

  /** Runs the layers over tokens side by side. Padding and what is absent is exactly 0 in the result. */
  protected join(
    placed: Readonly<Record<string, PlacedTokens>>,
    size: number,
    context: Context,
    runLayer: RunLayer = (index, joint) => this.runLayer(index, joint, context),
  ): Pick<Fused, 'tokens' | 'mask' | 'pooled'> & Required<Pick<Fused, 'owner'>> {
    const slots = Object.keys(this.modalities);
    const nobodys = tf.zeros<tf.Rank.R2>([size, 1]);
    const parts = mapRecord(placed, ({ mask }) => mask);
    const classTokens = repeatRows(this.classToken.value, size);
    let tokens = tf.concat([classTokens, ...Object.values(placed).map((part) => part.tokens)], 1); // (B, N, D)
    const mask = tf.concat([tf.ones<tf.Rank.R2>([size, 1]), ...Object.values(parts)], 1); // (B, N)
    const bias = this.interactions.bias(ownersSideBySide(parts, slots, nobodys).map);
    for (let index = 0; index < this.layers.length; index++) tokens = runLayer(index, { tokens, mask, parts, bias });
    tokens = zeroPadding(this.norm.forward(tokens), mask);
    return {
      tokens,
      mask,
      pooled: tf.reshape(tf.slice(tokens, [0, 0, 0], [-1, 1, -1]), [size, this.hiddenSize]),
      owner: ownersSideBySide(
        mapRecord(placed, ({ own }) => own),
        slots,
        nobodys,
      ),
    };
  }

  protected runLayer(index: number, { tokens, mask, bias }: JointTokens, context: Context): tf.Tensor3D {
    return this.layers[index].forward(tokens, mask, context, bias);
  }
}
