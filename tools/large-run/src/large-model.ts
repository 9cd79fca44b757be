import {
  composeModel,
  createRegistry,
  defineEncoder,
  defineModality,
  definePlugin,
  defineProcessor,
  type EncodedTokens,
  Encoder,
  type HostScalar,
  type HostTensor1D,
  hostTensor,
  type ModalityBatch,
  type Model,
  type Processor,
  padAndStack,
  type Tokens,
} from '@polymodal/core';
import { fusion } from '@polymodal/fusion';
import { heads } from '@polymodal/heads';
import { Embedding } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';

const hiddenSize = 256;
/** One table has at most so many parameters, as the largest of real models do. */
const largestTable = 5e7;

/** A model of about so many parameters, nearly all of them in tables of vectors: much to keep, little to compute. */
export function largeModel(parameters: number): Model {
  const tables = Math.ceil(parameters / largestTable);
  const rows = Math.floor(parameters / tables / hiddenSize);
  const registry = createRegistry([lookup, fusion, heads]);
  const slots = Array.from({ length: tables }, (_, i) => [`table${i}`, { use: 'table', rows }]);
  const config = {
    hiddenSize,
    encoders: Object.fromEntries(slots),
    fusion: { use: 'mean' },
    heads: { answer: { use: 'classification', labels: 2 } },
  };
  return composeModel(registry, config as never);
}

/** Samples for it: a row of each table, and a class. */
export function largeSamples(model: Model, count: number) {
  return Array.from({ length: count }, (_, i) => ({
    ...Object.fromEntries(model.modalities.map((slot, table) => [slot, 1000 * i + table])),
    targets: { answer: i % 2 },
  }));
}

type IdRow = { readonly id: HostScalar };
type IdFeatures = { readonly id: HostTensor1D };

class IdProcessor implements Processor<number, IdRow, IdFeatures> {
  process(id: number): IdRow {
    return { id: hostTensor(Int32Array.of(id), []) };
  }

  collate(rows: readonly IdRow[]): IdFeatures {
    return { id: padAndStack(rows.map(({ id }) => id)) };
  }

  shape() {
    return {};
  }
}

/** One token: a row of a table. */
class TableEncoder extends Encoder {
  readonly hiddenSize = hiddenSize;
  readonly depth = 0;
  readonly table: Embedding;

  constructor(rows: number) {
    super();
    this.table = new Embedding(rows, hiddenSize, { initializer: pattern });
  }

  embed({ features, rows }: ModalityBatch<IdFeatures>): Tokens {
    const ids = tf.expandDims(features.id, 1); // (P, 1)
    return {
      tokens: this.table.forward<tf.Tensor3D>(ids),
      mask: tf.cast(tf.onesLike(ids), 'float32') as tf.Tensor2D,
      rows,
    };
  }

  layer(_: number, tokens: Tokens): Tokens {
    return tokens;
  }

  finish(tokens: Tokens): EncodedTokens {
    return { ...tokens, pooled: tf.squeeze(tokens.tokens, [1]) as tf.Tensor2D };
  }
}

/** Small numbers, much quicker than random ones. */
function pattern([rows, columns]: readonly number[]): Float32Array {
  const values = new Float32Array(rows! * columns!);
  for (let i = 0; i < values.length; i++) values[i] = (((i * 7919) % 1000) - 500) / 20_000;
  return values;
}

const lookup = definePlugin({
  name: 'lookup',
  specificationVersion: 'v1',
  modalities: [defineModality({ id: 'id', description: 'the number of a row' })],
  encoders: [
    defineEncoder({
      name: 'table',
      modality: 'id',
      processor: defineProcessor({ config: z.object({}), create: () => new IdProcessor() }),
      config: z.object({ rows: z.int().positive() }),
      create: ({ rows }) => new TableEncoder(rows),
    }),
  ],
});
