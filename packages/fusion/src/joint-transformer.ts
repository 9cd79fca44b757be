import { type Context, type Encoders, type Fused, Fusion, mapRecord, Parameter, type Sequence } from '@polymodal/core';
import {
  attentionByOwner,
  LayerNorm,
  repeatRows,
  type TransformerConfig,
  type TransformerLayer,
  transformerLayers,
  transformerOptions,
  truncatedNormal,
  zeroPadding,
} from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { encodersBeside } from './added-modalities';
import { GatedCrossAttention } from './gated-cross-attention';
import { type InteractionsConfig, interactionOptions, ModalityInteractions } from './modality-interactions';
import { type Missing, ModalityTokens, type PlacedTokens } from './modality-tokens';
import { type Span, spansOf, tellAttention } from './tell-attention';
import { ownersSideBySide } from './token-owners';

/** Options of fusions by a joint Transformer, to spread into their schemas. */
export const jointOptions = {
  ...transformerOptions,
  ...interactionOptions,
  /** What stands for an absent modality: `mask` leaves it out, `embedding` puts one learned token in its place. */
  missing: z.enum(['mask', 'embedding']).default('mask'),
  /**
   * Modalities that are added to a trained model. They come in through gated cross-attention that starts shut, before each layer, so that
   * the model first does exactly what it did without them. Nothing stands for them where they are absent.
   */
  gate: z.array(z.string()).readonly().default([]),
};

/**
 * Whether to tell how much of each modality the class token attends to, layer by layer, as `usage`. It costs the keys a second time.
 */
export const reportUsage = z.boolean().default(false);

/** Sizes and choices of a {@link JointTransformer}. */
export interface JointTransformerConfig extends TransformerConfig, InteractionsConfig {
  readonly missing: Missing;
  readonly gate: readonly string[];
  /** Whether to tell how much of each modality the class token attends to. */
  readonly reportUsage: boolean;
}

/** The tokens of all modalities, before a layer. */
export interface JointTokens {
  /** (B, N, D): the class token, then those of each modality that a row of the batch has. */
  readonly tokens: tf.Tensor3D;
  /** (B, N) */
  readonly mask: tf.Tensor2D;
  /** By slot (B, n), where its tokens lie: 1 for those that take part in its place. */
  readonly parts: Readonly<Record<string, tf.Tensor2D>>;
  /** int32 (B, N), the index of the slot that each came from, −1 for none. */
  readonly owner: tf.Tensor2D;
  /** What interactions add to the logits of attention. */
  readonly bias: tf.Tensor4D | undefined;
}

/** Changes the joint tokens in the place of a layer, or around it. */
export type RunLayer = (index: number, joint: JointTokens) => tf.Tensor3D;

/**
 * What fusions by a joint Transformer have in common: a class token and the tokens of the modalities that are present, side by side,
 * those of others masked; layers over all of them; the class token as the pooled representation. A gated modality acts on the tokens of
 * the others and has none among them.
 */
export abstract class JointTransformer extends Fusion {
  readonly hiddenSize: number;
  /** (1, 1, D) */
  readonly classToken: Parameter<tf.Rank.R3>;
  readonly modalities: Readonly<Record<string, ModalityTokens>>;
  /** Of each gated modality, one before every layer. */
  readonly gates: Readonly<Record<string, readonly GatedCrossAttention[]>>;
  /** Of those that are not gated. */
  readonly interactions: ModalityInteractions;
  readonly layers: readonly TransformerLayer[];
  readonly norm: LayerNorm;
  readonly #reportUsage: boolean;

  /**
   * @param widths of the tokens that each modality comes with
   * @throws UnknownNameError for a gate of a modality without an encoder
   */
  constructor(config: JointTransformerConfig, encoders: Encoders, widths: Readonly<Record<string, number>>) {
    super();
    const { hiddenSize, missing, gate } = config;
    const open = encodersBeside(gate, encoders, 'fusion.gate');
    this.hiddenSize = hiddenSize;
    this.#reportUsage = config.reportUsage;
    this.classToken = new Parameter([1, 1, hiddenSize], truncatedNormal(0.02));
    this.modalities = Object.fromEntries(
      Object.keys(encoders).map((slot) => [
        slot,
        new ModalityTokens({ encoderSize: widths[slot], hiddenSize, missing: slot in open ? missing : 'mask' }),
      ]),
    );
    this.interactions = new ModalityInteractions(config, open);
    this.layers = transformerLayers(config);
    this.gates = Object.fromEntries(gate.map((slot) => [slot, this.layers.map(() => new GatedCrossAttention(config))]));
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

  /** Runs the layers over tokens side by side, behind gates. Padding and what is absent is exactly 0 in the result. */
  protected join(
    placed: Readonly<Record<string, PlacedTokens>>,
    size: number,
    context: Context,
    runLayer: RunLayer = (index, joint) => this.runLayer(index, joint, context),
  ): Pick<Fused, 'tokens' | 'mask' | 'pooled' | 'owner' | 'gates' | 'usage'> {
    const slots = Object.keys(this.modalities);
    const isGated = ([slot]: [string, PlacedTokens]) => slot in this.gates;
    const gated = Object.fromEntries(Object.entries(placed).filter(isGated));
    const open = Object.fromEntries(Object.entries(placed).filter((entry) => !isGated(entry)));
    const nobodys = tf.zeros<tf.Rank.R2>([size, 1]);
    const parts = mapRecord(open, ({ mask }) => mask);
    const classTokens = repeatRows(this.classToken.value, size);
    let tokens = tf.concat([classTokens, ...Object.values(open).map((part) => part.tokens)], 1); // (B, N, D)
    const mask = tf.concat([tf.ones<tf.Rank.R2>([size, 1]), ...Object.values(parts)], 1); // (B, N)
    const interacting = slots.filter((slot) => !(slot in this.gates));
    const bias = this.interactions.bias(ownersSideBySide(parts, interacting, nobodys).map); // of stand-ins too
    const owner = ownersSideBySide(
      mapRecord(open, ({ own }) => own),
      slots,
      nobodys,
    );
    const spans = [
      { slot: undefined, mask: tf.ones<tf.Rank.R2>([size, 1]) },
      ...spansOf(mapRecord(open, ({ own }) => own)),
    ];
    const used: tf.Tensor2D[] = []; // (B, S) of each layer
    for (let index = 0; index < this.layers.length; index++) {
      for (const [slot, added] of Object.entries(gated)) {
        const gate = this.gates[slot][index];
        if (context.tellAttention) {
          const weights = gate.weights(tokens, added);
          const keys = [{ slot, mask: added.own }];
          tellAttention(context.tellAttention, `gates.${slot}.${index}`, weights, { queries: spans, keys });
        }
        tokens = gate.forward(tokens, added, context);
      }
      const joint: JointTokens = { tokens, mask, parts, owner: owner.map, bias };
      if (this.#reportUsage) used.push(this.#attended(index, joint));
      if (context.tellAttention) this.#tell(context.tellAttention, index, joint, spans);
      tokens = runLayer(index, joint);
    }
    tokens = zeroPadding(this.norm.forward(tokens), mask);
    return {
      tokens,
      mask,
      pooled: tf.reshape(tf.slice(tokens, [0, 0, 0], [-1, 1, -1]), [size, this.hiddenSize]),
      owner,
      ...(Object.keys(this.gates).length > 0 && {
        gates: mapRecord(gated, (added, slot) => openingsOf(this.gates[slot], added)),
      }),
      ...(this.#reportUsage && { usage: mapRecord(open, (_, slot) => columnOf(slots.indexOf(slot), used)) }),
    };
  }

  /** How much of each modality the class token attends to in a layer: (B, S). */
  #attended(index: number, { tokens, mask, owner, bias }: JointTokens): tf.Tensor2D {
    const { attention, norm1 } = this.layers[index];
    const normed = norm1.forward(tokens);
    const [size, , width] = tokens.shape;
    const classToken = tf.slice(normed, [0, 0, 0], [size, 1, width]);
    const classBias = bias && tf.slice(bias, [0, 0, 0, 0], [-1, -1, 1, -1]);
    const weights = attention.weights(classToken, normed, mask, classBias);
    return attentionByOwner(weights, tf.ones([size, 1]), owner, Object.keys(this.modalities).length);
  }

  #tell(tell: NonNullable<Context['tellAttention']>, index: number, joint: JointTokens, spans: readonly Span[]): void {
    const { attention, norm1 } = this.layers[index];
    const normed = norm1.forward(joint.tokens);
    const weights = attention.weights(normed, normed, joint.mask, joint.bias);
    tellAttention(tell, `layers.${index}`, weights, { queries: spans, keys: spans });
  }

  protected runLayer(index: number, { tokens, mask, bias }: JointTokens, context: Context): tf.Tensor3D {
    return this.layers[index].forward(tokens, mask, context, bias);
  }
}

/** (B, L): how far each of a modality's gates is open, in the rows that have it. */
function openingsOf(gates: readonly GatedCrossAttention[], { own }: PlacedTokens): tf.Tensor2D {
  const open = tf.stack(gates.map(({ gate }) => tf.tanh(gate.value))); // (L)
  return tf.mul(tf.max(own, 1, true), open);
}

/** (B, L): what each layer says of one modality. */
function columnOf(index: number, layers: readonly tf.Tensor2D[]): tf.Tensor2D {
  return tf.concat(
    layers.map((shares) => tf.slice(shares, [0, index], [-1, 1])),
    1,
  );
}
