import {
  bucketLength,
  type Context,
  commonLengths,
  defineEncoder,
  defineModality,
  definePlugin,
  defineProcessor,
  type EncodedTokens,
  Encoder,
  type HostTensor,
  type HostTensor2D,
  hostTensor,
  type Lengths,
  lengthMask,
  type ModalityBatch,
  type NamedTensor,
  Parameter,
  type Processor,
  padAndStack,
  type Tokens,
  withTokens,
} from '@polymodal/core';
import {
  Embedding,
  LayerNorm,
  Linear,
  maskedMean,
  TransformerLayer,
  truncatedNormal,
  zeroPadding,
} from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { type StreamedModality, sizes } from './configs';

/** Lengths are rounded up to these. */
const bucket = 16;

type SequenceRow = { readonly values: HostTensor };
type SequenceFeatures = { readonly values: HostTensor; readonly mask: HostTensor2D };

/** Sequences of any length: of words, (N) ids, or of tokens that are numbers themselves, (N, W). */
class SequenceProcessor implements Processor<NamedTensor, SequenceRow, SequenceFeatures> {
  readonly masks = { mask: ['values'] };
  readonly #modality: StreamedModality;

  constructor(modality: StreamedModality) {
    this.#modality = modality;
  }

  process({ shape, data }: NamedTensor): SequenceRow {
    return { values: hostTensor(shape.length === 1 ? Int32Array.from(data) : data, [...shape]) };
  }

  collate(rows: readonly SequenceRow[], lengths?: Lengths): SequenceFeatures {
    const values = rows.map((row) => row.values);
    const { tokens, longest } = this.#modality;
    const common = commonLengths(
      rows.map((row) => this.shape(row)),
      lengths,
    );
    const length = Math.min(common[tokens]!, longest);
    const mask = lengthMask(
      values.map(({ shape }) => shape[0]!),
      length,
    );
    return { values: padAndStack(values, [length, ...values[0]!.shape.slice(1)]), mask };
  }

  shape({ values }: SequenceRow) {
    const { tokens, longest } = this.#modality;
    return { lengths: { [tokens]: Math.min(bucketLength(values.shape[0]!, bucket), longest) } };
  }
}

/** Embedded tokens with learned positions, pre-norm Transformer layers, and the mean of what comes out, normed. */
class SequenceTower extends Encoder {
  readonly hiddenSize = sizes.hiddenSize;
  readonly depth = sizes.numHiddenLayers;
  readonly tokens: Embedding | Linear;
  readonly positions: Parameter<tf.Rank.R2>;
  readonly layers: readonly TransformerLayer[];
  readonly norm: LayerNorm;

  constructor({ width, longest }: StreamedModality, areWords: boolean) {
    super();
    const { hiddenSize, numAttentionHeads } = sizes;
    const config = { hiddenSize, numAttentionHeads, intermediateSize: 4 * hiddenSize };
    this.tokens = areWords ? new Embedding(width, hiddenSize) : new Linear(width, hiddenSize);
    this.positions = new Parameter([longest, hiddenSize], truncatedNormal(0.02));
    this.layers = Array.from({ length: this.depth }, () => new TransformerLayer(config));
    this.norm = new LayerNorm(hiddenSize);
  }

  override tokenCount({ values }: SequenceRow): number {
    return values.shape[0]!;
  }

  embed({ features: { values, mask }, rows }: ModalityBatch<SequenceFeatures>): Tokens {
    const [, length] = values.shape as [number, number];
    const embedded =
      this.tokens instanceof Embedding
        ? this.tokens.forward(values as tf.Tensor2D)
        : this.tokens.forward(zeroPadding(values as tf.Tensor3D, mask));
    const positions = tf.slice(this.positions.value, [0, 0], [length, this.hiddenSize]);
    return { tokens: tf.add(embedded, positions) as tf.Tensor3D, mask, rows };
  }

  layer(index: number, tokens: Tokens, context: Context): Tokens {
    return withTokens(tokens, this.layers[index]!.forward(tokens.tokens, tokens.mask, context));
  }

  finish({ tokens, mask, rows }: Tokens): EncodedTokens {
    const normed = this.norm.forward(tokens);
    return { tokens: normed, mask, rows, pooled: maskedMean(normed, mask) };
  }
}

const options = z.object({
  width: z.int(),
  tokens: z.string(),
  longest: z.int(),
  median: z.number(),
  deviation: z.number(),
});

const processor = defineProcessor({ config: options, create: (config) => new SequenceProcessor(config) });

/** The encoders `words` and `numbers`. */
export const sequences = definePlugin({
  name: 'bench-sequences',
  specificationVersion: 'v1',
  modalities: [defineModality({ id: 'sequence', description: 'a tensor in host memory, (N) ids or (N, W) numbers' })],
  encoders: [
    defineEncoder({
      name: 'words',
      modality: 'sequence',
      processor,
      config: z.object({}),
      create: (config) => new SequenceTower(config, true),
    }),
    defineEncoder({
      name: 'numbers',
      modality: 'sequence',
      processor,
      config: z.object({}),
      create: (config) => new SequenceTower(config, false),
    }),
  ],
});
