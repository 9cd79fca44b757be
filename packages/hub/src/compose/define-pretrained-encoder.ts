import {
  ConfigError,
  defineEncoder,
  defineProcessor,
  type EncoderDefinition,
  type EncoderSetup,
  type ProcessorSetup,
} from '@polymodal/core';
import { z } from 'zod';
import { pretrainedFileNames } from '../pretrained/pretrained-files';
import { type EncoderFamily, PretrainedProcessor, tensorNamesFile } from './pretrained-processor';

const pretrainedOptions = z.object({
  /** A folder in Hugging Face layout, or a repository of the hub. A saved model does not need it any more. */
  from: z.string().min(1),
  /** A branch, tag or commit of the repository. */
  revision: z.string().min(1).optional(),
});

/** Which pretrained models an encoder may be. */
export interface PretrainedEncoderParts<Name extends string> {
  /** What configs `use`. */
  readonly name: Name;
  readonly modality: string;
  readonly families: readonly EncoderFamily[];
}

/** The definition of an encoder whose weights come with its config's `from`. */
export interface PretrainedEncoderDefinition<Name extends string = string>
  extends EncoderDefinition<Name, typeof noOptions, typeof pretrainedOptions, PretrainedProcessor> {
  readonly families: readonly EncoderFamily[];
}

/**
 * Declares the encoder that is any pretrained model of these families: `{ use: name, from: 'owner/model' }` in the config that
 * `composePretrained` gets.
 */
export function definePretrainedEncoder<const Name extends string>({
  name,
  modality,
  families,
}: PretrainedEncoderParts<Name>): PretrainedEncoderDefinition<Name> {
  const processor = defineProcessor({
    config: pretrainedOptions,
    create: ({ from }, setup) =>
      new PretrainedProcessor(families, filesOf(setup, from), `encoders.${setup.slot}.from, ${from}`),
  });
  const create = (_: unknown, setup: EncoderSetup<PretrainedProcessor>) => setup.processor.createEncoder();
  return { ...defineEncoder({ name, modality, processor, config: noOptions, create }), families };
}

/** Whether `composePretrained` loads weights for an encoder. */
export function isPretrainedEncoder(definition: object): definition is PretrainedEncoderDefinition {
  return 'families' in definition;
}

/** What such an encoder is, stands in its checkpoint. */
const noOptions = z.object({});

function filesOf(setup: ProcessorSetup, from: string): Map<string, Uint8Array> {
  const files = [...pretrainedFileNames, tensorNamesFile].flatMap((name) => {
    const content = setup.savedFile(name);
    return content ? [[name, content] as const] : [];
  });
  if (files.length > 0) return new Map(files);
  throw new ConfigError({
    where: 'from',
    expected: 'a model that composePretrained makes, or loadModel',
    received: `composeModel with weights from "${from}"`,
    hint: 'composeModel reads nothing: await composePretrained(registry, config) of @polymodal/hub instead.',
  });
}
