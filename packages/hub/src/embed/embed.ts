import { Encoder, inferenceContext, type Processor, requireArgument, StateError } from '@polymodal/core';
import { type EmbedOptions, embedRows } from './embed-rows';

/** A pretrained encoder and its processor, as `loadPretrained` and `pretrainedPart` give them. */
export interface EmbeddingModel<Raw> {
  readonly model: Encoder;
  readonly processor: Processor<Raw> | undefined;
}

/**
 * A vector for each raw value: what the encoder makes of the whole (`pooled`).
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
  options?: EmbedOptions,
): Promise<Float32Array[]> {
  requireArgument(
    embedding?.model instanceof Encoder,
    'embed',
    'what loadPretrained or pretrainedPart gives',
    embedding,
  );
  const { model, processor } = embedding;
  if (!processor) {
    throw new StateError({
      where: 'embed',
      expected: 'a model that came with tokenizer.json or preprocessor_config.json',
      received: 'one without',
      hint: 'Put the file into the folder of the model: save_pretrained of its Python class writes it.',
    });
  }
  const compute = (batch: Parameters<Encoder['encode']>[0]) => model.encode(batch, inferenceContext()).pooled;
  return embedRows({ modality: 'value', processor: processor as Processor, compute }, values, options);
}
