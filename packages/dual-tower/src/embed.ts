import {
  inferenceContext,
  isRecord,
  type ModalityBatch,
  type Processor,
  requireArgument,
  StateError,
  suggestNames,
  UnknownNameError,
} from '@polymodal/core';
import { type EmbedOptions, embedRows } from '@polymodal/hub';
import { DualTower } from './dual-tower';

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

/**
 * Where raw values lie in the space that the modalities share: the nearer, the more alike. The dot product of two embeddings is
 * the cosine of their angle.
 *
 * ```ts
 * const { image, text } = await embed(pretrained, { image: ['cat.jpg', 'dog.png'], text: ['a photo of a cat'] });
 * ```
 *
 * @returns by modality, for each value in their order, (E) of unit length
 * @throws SampleError for a value that cannot be read, ConfigError for arguments of the wrong kind, UnknownNameError for a modality that the model has not
 * @throws StateError for a modality whose processor had no files beside the model
 */
export async function embed<Other extends string, Raw, Modality extends Other | 'text'>(
  pretrained: PretrainedDualTower<Other, Raw>,
  values: Pick<RawValues<Other, Raw>, Modality>,
  options?: EmbedOptions,
): Promise<Record<Modality, Float32Array[]>> {
  requireDualTower(pretrained, 'embed');
  requireArgument(isRecord(values), 'embed', 'an object with a list of values for each modality', values);
  const { model } = pretrained;
  const embeddings: Partial<Record<Modality, Float32Array[]>> = {};
  for (const [modality, raws] of Object.entries(values) as [Modality, readonly unknown[]][]) {
    const processor = processorOf(pretrained, modality);
    const compute = (batch: ModalityBatch) => model.encode(modality, batch, inferenceContext());
    embeddings[modality] = await embedRows({ modality, processor, compute }, raws, options);
  }
  return embeddings as Record<Modality, Float32Array[]>;
}

/** @throws ConfigError for what is no dual tower with its processors */
export function requireDualTower(pretrained: { readonly model: unknown }, where: string): void {
  const isOne = pretrained?.model instanceof DualTower;
  requireArgument(isOne, where, 'a model as loadPretrained gives it for a family of two towers', pretrained);
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
