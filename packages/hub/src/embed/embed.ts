import { Encoder, isRecord, type Processor, requireArgument, StateError } from '@polymodal/core';
import { vectorModel } from './vector-model';

/** How raw values are embedded. */
export interface EmbedOptions {
  /** Rows at a time; 32 by default. */
  readonly batchSize?: number;
  readonly signal?: AbortSignal;
}

/** A pretrained encoder and its processor, as `loadPretrained` and `pretrainedPart` give them. */
export interface EmbeddingModel<Raw> {
  readonly model: Encoder;
  readonly processor: Processor<Raw> | undefined;
}

/**
 * A vector for each raw value: what the encoder makes of the whole (`pooled`). It is `model.predict` of a model of this encoder alone.
 *
 * ```ts
 * const bert = await loadPretrained(textFamilies, 'google-bert/bert-base-uncased');
 * const [first, second] = await embed(bert, ['a text', 'another']);
 * ```
 *
 * @returns for each value in their order, (D)
 * @throws SampleError for a value that cannot be read, ConfigError for arguments of the wrong kind
 * @throws StateError for a model that came without the files of its processor
 */
export async function embed<Raw>(
  embedding: EmbeddingModel<Raw>,
  values: readonly Raw[],
  options: EmbedOptions = {},
): Promise<Float32Array[]> {
  const isLoaded = embedding?.model instanceof Encoder;
  requireArgument(isLoaded, 'embed', 'what loadPretrained or pretrainedPart gives', embedding);
  requireArgument(Array.isArray(values), 'embed, values', 'a list of values', values);
  requireArgument(isRecord(options), 'embed', 'an object of options', options);
  const { model, processor } = embedding;
  if (!processor) {
    throw new StateError({
      where: 'embed',
      expected: 'a model that came with tokenizer.json or preprocessor_config.json',
      received: 'one without',
      hint: 'Put the file into the folder of the model: save_pretrained of its Python class writes it.',
    });
  }
  const samples = values.map((value) => ({ value }));
  const answers = await vectorModel(model, processor as Processor).predict(samples, { ...options, compile: false });
  return answers.map(({ vector }) => vector);
}
