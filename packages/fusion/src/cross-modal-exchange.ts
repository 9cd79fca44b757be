import { type Context, type Encoders, Module, mapRecord, type Tokens, withTokens } from '@polymodal/core';
import {
  type InteractionWeights,
  LayerNorm,
  type OwnedTokens,
  placeRows,
  type TransformerLayerConfig,
  takeRows,
  zeroPadding,
} from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { CrossAttentionLayer } from './cross-attention-layer';
import type { ModalityInteractions } from './modality-interactions';
import { ModalityTokens, type PlacedTokens } from './modality-tokens';
import { type Sequences, widthAfter } from './run-encoders';
import { type Span, spansOf, tellAttention } from './tell-attention';
import { ownersSideBySide } from './token-owners';

/** Sizes and choices of a {@link CrossModalExchange}. */
export interface ExchangeConfig extends Omit<TransformerLayerConfig, 'intermediateSize' | 'dropPath'> {
  /** Whether what tokens hear comes in through gates, which are shut at first. */
  readonly gate: boolean;
  /** By querying modality, those that it attends to. */
  readonly attends: Readonly<Record<string, readonly string[]>>;
}

/**
 * What happens at one step between the layers of encoders: the tokens of each querying modality attend to those of the others, as they
 * all were before it. What is attended to is normed, brought to the width of the model, and marked with a learned embedding of its
 * modality, once for all who attend.
 */
export class CrossModalExchange extends Module {
  readonly norms: Readonly<Record<string, LayerNorm>>;
  readonly keys: Readonly<Record<string, ModalityTokens>>;
  readonly layers: Readonly<Record<string, CrossAttentionLayer>>;
  readonly #attends: ExchangeConfig['attends'];
  readonly #slots: readonly string[];

  /** @param step after which it is, as `runEncoders` counts */
  constructor(config: ExchangeConfig, encoders: Encoders, step: number) {
    super();
    const { hiddenSize, layerNormEps, attends } = config;
    const attended = new Set(Object.values(attends).flat());
    const widths = mapRecord(encoders, (encoder) => widthAfter(encoder, step, encoders));
    const keyWidths = Object.fromEntries(Object.entries(widths).filter(([slot]) => attended.has(slot)));
    this.norms = mapRecord(keyWidths, (width) => new LayerNorm(width, layerNormEps));
    this.keys = mapRecord(keyWidths, (encoderSize) => new ModalityTokens({ encoderSize, hiddenSize, missing: 'mask' }));
    this.layers = mapRecord(
      attends,
      (_, slot) =>
        new CrossAttentionLayer({
          ...config,
          hiddenSize: widths[slot],
          intermediateSize: 4 * widths[slot],
          keyValueSize: hiddenSize,
        }),
    );
    this.#attends = attends;
    this.#slots = Object.keys(encoders);
  }

  /**
   * @param size B
   * @param interactions by how much modalities attend to one another
   * @param place its path from the fusion on
   * @returns the tokens afterwards, and what tells how much of each modality went into those of each querying one: by slot (B, S), 0
   *     in rows that lack it
   */
  forward(
    sequences: Sequences,
    size: number,
    interactions: ModalityInteractions,
    place: string,
    context: Context,
  ): { readonly sequences: Sequences; readonly usage: () => Readonly<Record<string, tf.Tensor2D>> } {
    const { weights } = interactions;
    const pairs = this.#pairs(sequences, size);
    if (context.tellAttention) this.#tell(context.tellAttention, place, pairs, weights, size);
    const after = mapRecord(pairs, ({ query, keyValue }, slot) =>
      withTokens(sequences[slot], this.layers[slot].forward(query, keyValue, weights, context)),
    );
    const usage = () =>
      mapRecord(pairs, ({ query, keyValue }, slot) => {
        const own = this.layers[slot].usage(query, keyValue, weights, this.#slots.length);
        return placeRows(own, sequences[slot].rows, size);
      });
    return { sequences: { ...sequences, ...after }, usage };
  }

  #tell(
    tell: NonNullable<Context['tellAttention']>,
    place: string,
    pairs: Readonly<Record<string, Pair>>,
    interactions: InteractionWeights | undefined,
    size: number,
  ): void {
    for (const [slot, { query, keyValue, keys, rows }] of Object.entries(pairs)) {
      const inBatch: typeof tell = (own) => tell({ ...own, weights: placeRows(own.weights, rows, size) });
      const weights = this.layers[slot].weights(query, keyValue, interactions);
      tellAttention(inBatch, `${place}.layers.${slot}`, weights, { queries: [{ slot, mask: query.mask }], keys });
    }
  }

  /** The tokens of each querying modality that the batch has, and in its rows those that they attend to. */
  #pairs(sequences: Sequences, size: number): Record<string, Pair> {
    const placed = mapRecord(this.keys, (keys, slot) => {
      const own = sequences[slot];
      return own && keys.forward(withTokens(own, this.norms[slot].forward(clean(own))), size);
    });
    const pairs: Record<string, Pair> = {};
    for (const [slot, attended] of Object.entries(this.#attends)) {
      const tokens = sequences[slot];
      const there = attended.flatMap((other) => (placed[other] ? [[other, placed[other]] as const] : []));
      if (!tokens || there.length === 0) continue;
      const spans = spansOf(Object.fromEntries(there.map(([other, { own }]) => [other, takeRows(own, tokens.rows)])));
      pairs[slot] = {
        ...{ query: this.#owned(tokens, slot), keyValue: this.#beside(there, tokens.rows) },
        ...{ keys: spans, rows: tokens.rows },
      };
    }
    return pairs;
  }

  #owned(tokens: Tokens, slot: string): OwnedTokens {
    const owner = tf.fill<tf.Rank.R2>(tokens.mask.shape, this.#slots.indexOf(slot), 'int32');
    return { tokens: clean(tokens), mask: tokens.mask, owner };
  }

  #beside(placed: readonly (readonly [slot: string, PlacedTokens])[], rows: Int32Array): OwnedTokens {
    const joined = <T extends tf.Tensor>(part: (own: PlacedTokens) => T) =>
      takeRows(
        tf.concat<T>(
          placed.map(([, own]) => part(own)),
          1,
        ),
        rows,
      );
    const owners = ownersSideBySide(Object.fromEntries(placed.map(([slot, { own }]) => [slot, own])), this.#slots);
    return {
      tokens: joined(({ tokens }) => tokens),
      mask: joined(({ mask }) => mask),
      owner: takeRows(owners.map, rows),
    };
  }
}

/** Tokens of a modality, and those that they attend to, in the rows that have it. */
interface Pair {
  readonly query: OwnedTokens;
  readonly keyValue: OwnedTokens;
  /** Whose the latter are. */
  readonly keys: readonly Span[];
  readonly rows: Int32Array;
}

/** Without what stands at padded positions. */
function clean({ tokens, mask }: Tokens): tf.Tensor3D {
  return zeroPadding(tokens, mask);
}
