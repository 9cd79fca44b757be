import {
  type Batch,
  type EncodedTokens,
  Encoder,
  type Encoders,
  type Fusion,
  type HostTensor2D,
  type HostTensor3D,
  inferenceContext,
  initialize,
  type ModalityBatch,
  RandomKey,
  type Tokens,
  withTokens,
} from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';

type FixedFeatures = { readonly tokens: HostTensor3D; readonly mask: HostTensor2D };

/** An encoder for tests: its tokens are the features `tokens` and `mask`, as they are, and layer i makes x + sin((i + 1) · x) of them. */
class FixedEncoder extends Encoder {
  constructor(
    readonly hiddenSize: number,
    readonly depth: number,
  ) {
    super();
  }

  override tokenCount({ tokens }: { readonly tokens: HostTensor2D }): number {
    return tokens.shape[0];
  }

  embed({ features, rows }: ModalityBatch<FixedFeatures>): Tokens {
    return { ...features, rows };
  }

  layer(index: number, tokens: Tokens): Tokens {
    return withTokens(tokens, tf.add(tokens.tokens, tf.sin(tf.mul(tokens.tokens, index + 1))));
  }

  finish(tokens: Tokens): EncodedTokens {
    const [size, , width] = tokens.tokens.shape;
    return { ...tokens, pooled: tf.reshape(tf.slice(tokens.tokens, [0, 0, 0], [size, 1, width]), [size, width]) };
  }
}

/** Usual widths of the test encoders, none that of the fusions under test; the modalities have as many tokens as their place in this list says, from 1 on. */
const usualWidths = { image: 6, text: 4, audio: 5 } as const;

/** The modalities of the test encoders. */
export type TestModality = keyof typeof usualWidths;

/** An encoder for each modality, of usual or other widths, with as many layers for all, or for each. */
export function fixedEncoders({
  modalities = Object.keys(usualWidths) as TestModality[],
  widths = usualWidths as Readonly<Record<TestModality, number>>,
  depth = 0 as number | Readonly<Record<TestModality, number>>,
} = {}): Encoders {
  return Object.fromEntries(
    modalities.map((modality) => [
      modality,
      new FixedEncoder(widths[modality], typeof depth === 'number' ? depth : depth[modality]),
    ]),
  );
}

/** A batch whose rows have these modalities. What a row has depends on its place in `rows` only by `seeds`. */
export function fixedBatch(rows: readonly (readonly TestModality[])[], seeds = rows.map((_, row) => row)): Batch {
  const modalities: Record<string, ModalityBatch> = {};
  (Object.keys(usualWidths) as TestModality[]).forEach((modality, place) => {
    const present = rows.flatMap((own, row) => (own.includes(modality) ? [row] : []));
    if (present.length === 0) return;
    const length = place + 1;
    const values = present.map((row) => {
      const key = RandomKey.from(seeds[row]).fold(modality);
      return tf.tensor2d(key.normal(length * usualWidths[modality]), [length, usualWidths[modality]]);
    });
    modalities[modality] = {
      rows: Int32Array.from(present),
      features: { tokens: tf.stack(values), mask: tf.ones([present.length, length]) },
    };
  });
  return { size: rows.length, modalities, targets: {} };
}

/** Gives every parameter a value, by its path alone, so that two fusions agree where their paths do. */
export function fill(fusion: Fusion): void {
  initialize(fusion, RandomKey.from(5));
  for (const [path, parameter] of fusion.parameters()) {
    if (!path.endsWith('gate'))
      parameter.assignValues(
        RandomKey.from(6)
          .fold(path)
          .normal(parameter.size)
          .map((x) => 0.3 * x),
      );
  }
}

/** The pooled rows of a fused batch. */
export function pooledRows(fusion: Fusion, encoders: Encoders, batch: Batch): number[][] {
  return fusion.forward(encoders, batch, inferenceContext()).pooled.arraySync();
}
