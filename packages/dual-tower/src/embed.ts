import {
  batchByShape,
  collateSamples,
  disposeBatch,
  type HostBatch,
  inferenceContext,
  type PreparedSample,
  type Processor,
  SampleError,
  StateError,
  suggestNames,
  UnknownNameError,
  uploadBatch,
} from '@polymodal/core';
import * as tf from '@tensorflow/tfjs';
import type { DualTower } from './dual-tower';

/** A dual tower with the processors of its modalities, as `loadPretrained` gives it. */
export interface PretrainedDualTower<Other extends string, Raw> {
  readonly model: DualTower<Other>;
  /** Undefined for a new model; that of a modality, where its files were not there. */
  readonly processor: (Processors<Other, Raw> & { readonly text: Processor<string> | undefined }) | undefined;
}

/** Of the modality that is not text. */
export type Processors<Other extends string, Raw> = Readonly<Record<Other, Processor<Raw> | undefined>>;

/** Raw values by modality. */
export type RawValues<Other extends string, Raw> = Readonly<Record<Other, readonly Raw[]>> & {
  readonly text: readonly string[];
};

/** How to embed. */
export interface EmbedOptions {
  /** Rows at a time; 32 by default. */
  readonly batchSize?: number;
  readonly signal?: AbortSignal;
}

/**
 * Where raw values lie in the space that the modalities share: the nearer, the more alike. The dot product of two embeddings is
 * the cosine of their angle.
 *
 * ```ts
 * const { image, text } = await embed(pretrained, { image: ['cat.jpg', 'dog.png'], text: ['a photo of a cat'] });
 * ```
 *
 * @returns by modality, for each value in their order, (E) of unit length
 * @throws SampleError for a value that cannot be read, UnknownNameError for a modality that the model has not
 * @throws StateError for a modality whose processor had no files beside the model
 */
export async function embed<Other extends string, Raw, Modality extends Other | 'text'>(
  pretrained: PretrainedDualTower<Other, Raw>,
  values: Pick<RawValues<Other, Raw>, Modality>,
  { batchSize = 32, signal }: EmbedOptions = {},
): Promise<Record<Modality, Float32Array[]>> {
  const embeddings: Partial<Record<Modality, Float32Array[]>> = {};
  for (const [modality, raws] of Object.entries(values) as [Modality, readonly unknown[]][]) {
    const processor = processorOf(pretrained, modality);
    const rows: Float32Array[] = [];
    for (let start = 0; start < raws.length; start += batchSize) {
      signal?.throwIfAborted();
      const prepared = await prepare(processor, modality, raws.slice(start, start + batchSize), start);
      rows.push(...(await embedPrepared(pretrained.model, processor, modality, prepared)));
    }
    embeddings[modality] = rows;
  }
  return embeddings as Record<Modality, Float32Array[]>;
}

function processorOf<Other extends string, Raw>(
  { model, processor }: PretrainedDualTower<Other, Raw>,
  modality: Other | 'text',
): Processor {
  if (!Object.hasOwn(model.encoders, modality)) {
    throw new UnknownNameError({
      where: 'embed',
      expected: 'a modality of the model',
      received: `"${modality}"`,
      hint: suggestNames(modality, Object.keys(model.encoders)),
    });
  }
  const found = processor?.[modality];
  if (found) return found as Processor;
  throw new StateError({
    where: `processor.${modality}`,
    expected: `a model that came with ${modality === 'text' ? 'tokenizer.json' : 'preprocessor_config.json'}`,
    received: 'one without it',
    hint: 'Put the file into the folder of the model: save_pretrained of its Python processor writes it.',
  });
}

/** @param start how error messages count */
function prepare(
  processor: Processor,
  modality: string,
  raws: readonly unknown[],
  start: number,
): Promise<PreparedSample[]> {
  const one = async (raw: unknown, index: number): Promise<PreparedSample> => {
    try {
      return { features: { [modality]: await processor.process(raw, { training: false }) }, targets: undefined };
    } catch (error) {
      throw error instanceof SampleError ? error.at(`${modality} ${start + index}`) : error;
    }
  };
  return Promise.all(raws.map(one));
}

/** In batches of one shape. */
async function embedPrepared<Other extends string>(
  model: DualTower<Other>,
  processor: Processor,
  modality: Other | 'text',
  prepared: readonly PreparedSample[],
): Promise<Float32Array[]> {
  const embeddings: Float32Array[] = new Array(prepared.length);
  const processors = { [modality]: processor };
  for (const indices of batchByShape(processors, prepared, prepared.length)) {
    const batch = collateSamples(
      processors,
      indices.map((index) => prepared[index]),
    );
    const rows = await embedBatch(model, modality, batch);
    for (const [row, index] of indices.entries()) embeddings[index] = rows[row];
  }
  return embeddings;
}

async function embedBatch<Other extends string>(
  model: DualTower<Other>,
  modality: Other | 'text',
  hostBatch: HostBatch,
): Promise<Float32Array[]> {
  const batch = uploadBatch(hostBatch);
  try {
    const embedded = tf.tidy(() => model.encode(modality, batch.modalities[modality], inferenceContext()));
    const rows = (await embedded.array()) as number[][];
    embedded.dispose();
    return rows.map((row) => Float32Array.from(row));
  } finally {
    disposeBatch(batch);
  }
}
