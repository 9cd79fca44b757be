import {
  type Context,
  defineEncoder,
  type EncodedTokens,
  Encoder,
  type ModalityBatch,
  type Sequence,
  type Tokens,
  withTokens,
} from '@polymodal/core';
import {
  LayerNorm,
  Linear,
  maskedMean,
  resolveTransformerConfig,
  type TransformerConfig,
  type TransformerLayer,
  transformerLayers,
  transformerOptions,
  zeroPadding,
} from '@polymodal/nn';
import { z } from 'zod';
import { type RowsFeatures, type RowsRow, rowsProcessor } from './rows-processor';

/** A set of rows, each a token, through a Transformer without positions: their order means nothing. */
class RowsTransformer extends Encoder {
  readonly projection: Linear;
  readonly layers: readonly TransformerLayer[];
  readonly norm: LayerNorm;
  readonly hiddenSize: number;

  constructor(config: TransformerConfig & { readonly columns: number }) {
    super();
    this.hiddenSize = config.hiddenSize;
    this.projection = new Linear(config.columns, config.hiddenSize);
    this.layers = transformerLayers(config);
    this.norm = new LayerNorm(config.hiddenSize, config.layerNormEps);
  }

  get depth(): number {
    return this.layers.length;
  }

  override tokenCount({ values }: RowsRow): number {
    return values.shape[0];
  }

  embed({ features: { values, mask }, rows }: ModalityBatch<RowsFeatures>): Tokens {
    return this.adopt({ tokens: this.projection.forward(zeroPadding(values, mask)), mask, rows });
  }

  override adopt({ tokens, mask, rows }: Sequence): Tokens {
    return { tokens, mask, rows };
  }

  layer(index: number, tokens: Tokens, context: Context): Tokens {
    return withTokens(tokens, this.layers[index].forward(tokens.tokens, tokens.mask, context));
  }

  finish(tokens: Tokens): EncodedTokens {
    const normed = this.norm.forward(zeroPadding(tokens.tokens, tokens.mask));
    return { ...tokens, tokens: normed, pooled: maskedMean(normed, tokens.mask) };
  }
}

/** The encoder `rows`. */
export const rowsTransformer = defineEncoder({
  name: 'rows',
  modality: 'rows',
  processor: rowsProcessor,
  config: z.object(transformerOptions),
  create: (config, { hiddenSize, processor }) =>
    new RowsTransformer({ ...resolveTransformerConfig(config, hiddenSize), columns: processor.columns }),
});
