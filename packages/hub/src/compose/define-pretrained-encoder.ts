import {
  ConfigError,
  defineEncoder,
  defineProcessor,
  type EncoderDefinition,
  type EncoderSetup,
  type ProcessorSetup,
} from '@polymodal/core';
import { z } from 'zod';
import { tensorNamesFile } from '../family/tensor-names';
import { moduleFileNames } from '../pretrained/module-folders';
import { pretrainedFileNames } from '../pretrained/pretrained-files';
import { type EncoderFamily, PretrainedProcessor } from './pretrained-processor';

/** What the slot of every pretrained encoder says. */
const pretrainedOptions = {
  /** A folder in Hugging Face layout, or a repository of the hub. A saved model does not need it any more. */
  from: z.string().min(1),
  /** A branch, tag or commit of the repository. */
  revision: z.string().min(1).optional(),
};

type SlotShape<Options extends z.ZodRawShape> = typeof pretrainedOptions & Options;

/** Which pretrained models an encoder may be. */
export interface PretrainedEncoderParts<Name extends string, Options extends z.ZodRawShape> {
  /** What configs `use`. */
  readonly name: Name;
  readonly modality: string;
  readonly families: readonly EncoderFamily[];
  /** What a slot may ask beyond what the folder says: the `adjustments` of the families, each optional. */
  readonly options: Options;
}

/** The definition of an encoder whose weights come with its config's `from`. */
export interface PretrainedEncoderDefinition<
  Name extends string = string,
  Options extends z.ZodRawShape = z.ZodRawShape,
> extends EncoderDefinition<Name, typeof noOptions, z.ZodObject<SlotShape<Options>>, PretrainedProcessor> {
  readonly families: readonly EncoderFamily[];
}

/**
 * Declares the encoder that is any pretrained model of these families: `{ use: name, from: 'owner/model' }` in the config that
 * `composePretrained` gets.
 */
export function definePretrainedEncoder<const Name extends string, Options extends z.ZodRawShape>({
  name,
  modality,
  families,
  options: shape,
}: PretrainedEncoderParts<Name, Options>): PretrainedEncoderDefinition<Name, Options> {
  const config: z.ZodObject<SlotShape<Options>> = z.object({ ...pretrainedOptions, ...shape });
  const processor = defineProcessor({
    config,
    create: (slot, setup) => {
      const { from, revision: _, ...options } = slot as { from: string; revision?: string };
      return new PretrainedProcessor(families, filesOf(setup, from), `encoders.${setup.slot}.from, ${from}`, options);
    },
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
  const saved = (names: readonly string[]) =>
    names.flatMap((name) => {
      const content = setup.savedFile(name);
      return content ? [[name, content] as const] : [];
    });
  const files = new Map(saved([...pretrainedFileNames, tensorNamesFile]));
  const modules = files.get('modules.json');
  if (modules) for (const [name, content] of saved(moduleFileNames(modules, from))) files.set(name, content);
  if (files.size > 0) return files;
  throw new ConfigError({
    where: 'from',
    expected: 'a model that composePretrained makes, or loadModel',
    received: `composeModel with weights from "${from}"`,
    hint: 'composeModel reads nothing: await composePretrained(registry, config) of @polymodal/hub instead.',
  });
}
