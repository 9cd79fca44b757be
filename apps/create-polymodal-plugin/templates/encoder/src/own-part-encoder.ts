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
import { type TextFeatures, type TextRow, textProcessor } from '@polymodal/encoder-text';
import { Embedding, LayerNorm, maskedMean, zeroPadding } from '@polymodal/nn';
import { z } from 'zod';
import { ConvolutionLayer } from './convolution-layer.js';

const ownPartOptions = z.object({
  /** Width of the tokens; that of the model if left out. */
  hiddenSize: z.int().positive().optional(),
  /** How many layers there are. */
  numHiddenLayers: z.int().positive().default(2),
  /** Tokens on either side that a token sees in each layer. */
  reach: z.int().positive().default(2),
  /** Rate of dropout on what each layer adds. */
  hiddenDropout: z.number().min(0).lt(1).default(0.1),
});

/** Everything that an {@link OwnPartEncoder} is made from. */
export interface OwnPartEncoderConfig extends Required<z.output<typeof ownPartOptions>> {
  readonly vocabSize: number;
}

/** An embedding of each token of a text, and convolutions over them: word order counts as far as a layer reaches. */
export class OwnPartEncoder extends Encoder {
  readonly embeddings: Embedding;
  readonly layers: readonly ConvolutionLayer[];
  readonly norm: LayerNorm;
  readonly hiddenSize: number;

  constructor(config: OwnPartEncoderConfig) {
    super();
    this.hiddenSize = config.hiddenSize;
    this.embeddings = new Embedding(config.vocabSize, config.hiddenSize);
    this.layers = Array.from({ length: config.numHiddenLayers }, () => new ConvolutionLayer(config));
    this.norm = new LayerNorm(config.hiddenSize);
  }

  get depth(): number {
    return this.layers.length;
  }

  /** How many tokens a text becomes: what is known before it is computed. */
  override tokenCount({ inputIds }: TextRow): number {
    return inputIds.shape[0];
  }

  embed({ features, rows }: ModalityBatch<TextFeatures>): Tokens {
    const { mask } = features; // (P, N)
    const ids = zeroPadding(features.inputIds, mask); // whatever stands in padding, it is no id
    return this.adopt({ tokens: this.embeddings.forward(ids), mask, rows }); // (P, N, D)
  }

  /** Its layers take the tokens of others too, which some fusions splice in. */
  override adopt(sequence: Sequence): Tokens {
    return sequence;
  }

  layer(index: number, tokens: Tokens, context: Context): Tokens {
    return withTokens(tokens, this.layers[index]!.forward(tokens.tokens, tokens.mask, context));
  }

  finish(tokens: Tokens): EncodedTokens {
    const normed = this.norm.forward(tokens.tokens);
    return { ...tokens, tokens: normed, pooled: maskedMean(normed, tokens.mask) };
  }
}

/** The encoder `own-part`, of texts. What they are split into, its processor says: that of `@polymodal/encoder-text`. */
export const ownPartEncoder = defineEncoder({
  name: 'own-part',
  modality: 'text',
  processor: textProcessor,
  config: ownPartOptions,
  create: (config, { hiddenSize, processor }) =>
    new OwnPartEncoder({
      ...config,
      hiddenSize: config.hiddenSize ?? hiddenSize,
      vocabSize: processor.vocabSize,
    }),
});
