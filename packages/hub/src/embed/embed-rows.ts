import {
  asSampleError,
  batchByShape,
  collateSamples,
  disposeBatch,
  isRecord,
  type ModalityBatch,
  PolymodalError,
  type PreparedSample,
  type Processor,
  parseConfig,
  requireArgument,
  uploadBatch,
} from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';

/** How raw values are embedded. */
export interface EmbedOptions {
  /** Rows at a time; 32 by default. */
  readonly batchSize?: number;
  readonly signal?: AbortSignal;
}

const embedOptions = z.strictObject({
  batchSize: z.int().min(1).default(32),
  signal: z.custom<AbortSignal>((value) => value instanceof AbortSignal, 'an AbortSignal').optional(),
});

/** What embeds the values of one modality. */
export interface RowEmbedder {
  /** How error messages call the modality. */
  readonly modality: string;
  readonly processor: Processor;
  /** P rows → (P, E) */
  readonly compute: (batch: ModalityBatch) => tf.Tensor2D;
}

/**
 * Processes raw values, puts those of one shape into batches, and computes a vector for each.
 *
 * @returns for each value in their order, (E)
 * @throws SampleError for a value that cannot be read, which it names by its number
 * @throws ConfigError for what is no list, and for options that cannot be used
 */
export async function embedRows(
  embedder: RowEmbedder,
  raws: readonly unknown[],
  options: EmbedOptions = {},
): Promise<Float32Array[]> {
  requireArgument(isRecord(embedder), 'embedRows', 'an object with modality, processor and compute', embedder);
  requireArgument(Array.isArray(raws), `embed, ${embedder.modality}`, 'a list of values', raws);
  const { batchSize, signal } = parseConfig(embedOptions, options, 'embed');
  const embeddings: Float32Array[] = [];
  for (let start = 0; start < raws.length; start += batchSize) {
    signal?.throwIfAborted();
    const prepared = await prepare(embedder, raws.slice(start, start + batchSize), start);
    embeddings.push(...(await embedPrepared(embedder, prepared)));
  }
  return embeddings;
}

/** @param start how error messages count */
function prepare(
  { modality, processor }: RowEmbedder,
  raws: readonly unknown[],
  start: number,
): Promise<PreparedSample[]> {
  const one = async (raw: unknown, index: number): Promise<PreparedSample> => {
    try {
      return { features: { [modality]: await processor.process(raw, { training: false }) }, targets: {} };
    } catch (error) {
      const where = `${modality} ${start + index}`;
      if (!PolymodalError.isInstance(error)) throw asSampleError(error, where, 'a value that its processor can read');
      throw error.at([where, error.where].filter(Boolean).join(', '));
    }
  };
  return Promise.all(raws.map(one));
}

/** In batches of one shape. */
async function embedPrepared(
  { modality, processor, compute }: RowEmbedder,
  prepared: readonly PreparedSample[],
): Promise<Float32Array[]> {
  const processors = { [modality]: processor };
  const embeddings: Float32Array[] = new Array(prepared.length);
  for (const indices of batchByShape(processors, prepared, prepared.length)) {
    const samples = indices.map((index) => prepared[index]);
    const batch = uploadBatch(collateSamples({ processors, targets: {} }, samples));
    try {
      const embedded = tf.tidy(() => compute(batch.modalities[modality]));
      const [, width] = embedded.shape;
      const values = (await embedded.data()) as Float32Array;
      embedded.dispose();
      indices.forEach((index, row) => {
        embeddings[index] = values.slice(row * width, (row + 1) * width);
      });
    } finally {
      disposeBatch(batch);
    }
  }
  return embeddings;
}
