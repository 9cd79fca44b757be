import {
  type Batch,
  type Context,
  type Encoder,
  type Encoders,
  type Fused,
  Fusion,
  Head,
  type HeadInput,
  type HostTensor,
  type LossTerms,
  Model,
  type Processor,
} from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';

/** A model of one encoder, which answers with the vector that the encoder makes of a whole. Its samples are `{ value }`. */
export function vectorModel(encoder: Encoder, processor: Processor): Model<{ readonly vector: Float32Array }> {
  return new Model({
    config: {
      hiddenSize: encoder.hiddenSize,
      encoders: { value: { use: 'encoder' } },
      fusion: { use: 'one' },
      heads: { vector: { use: 'vector' } },
    },
    processors: { value: processor },
    encoders: { value: encoder },
    fusion: new OneEncoder(encoder.pooledSize),
    heads: { vector: new VectorHead() },
    headInputs: { vector: 'fused' },
    targets: {},
  });
}

/** Fuses the one modality that all rows have with no other: its vector, which may be wider than its tokens, is the one token. */
class OneEncoder extends Fusion {
  constructor(readonly hiddenSize: number) {
    super();
  }

  forward({ value }: Encoders, { size, modalities }: Batch, context: Context): Fused {
    const { pooled } = value.encode(modalities.value, context);
    return { tokens: tf.expandDims(pooled, 1), mask: tf.ones([size, 1]), pooled };
  }
}

/** Answers with the pooled vector (D). It learns nothing. */
class VectorHead extends Head<tf.Tensor2D, Float32Array> {
  readonly requires = {};

  forward({ fused }: HeadInput): tf.Tensor2D {
    return fused.pooled;
  }

  loss(): LossTerms<tf.Tensor2D> {
    return {};
  }

  scores(vector: tf.Tensor2D): { vector: tf.Tensor2D } {
    return { vector };
  }

  answers({ vector: { data, shape } }: Readonly<Record<string, HostTensor>>): Float32Array[] {
    const [size, width] = shape;
    return Array.from({ length: size }, (_, row) => data.slice(row * width, (row + 1) * width) as Float32Array);
  }
}
