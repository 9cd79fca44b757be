import {
  type DividingProcessor,
  type Encoder,
  type FeatureMasks,
  type FeatureShape,
  type Features,
  FileFormatError,
  type InterleavingProcessor,
  isDividing,
  isInterleaving,
  type LengthAxes,
  type Lengths,
  type ProcessContext,
  type Processor,
  type TokenCodec,
} from '@polymodal/core';
import type { z } from 'zod';
import type { AdjustmentOptions } from '../family/adjustment';
import type { ConfigOf, Family } from '../family/define-family';
import type { KeyMap } from '../family/key-map';
import { type ResolvedFamily, resolveFamily } from '../family/resolve-family';
import { readTensorNames, withoutTensorNames } from '../family/tensor-names';
import type { PretrainedConfig } from '../pretrained/config-files';
import { parsePretrainedFiles } from '../pretrained/pretrained-files';

/** A family whose models encode one modality. */
export type EncoderFamily = Family<z.ZodType, Encoder, Processor | undefined>;

/**
 * The processor of a pretrained encoder in a composed model. It keeps all files that stood beside the weights, so that a model
 * that was saved has what it takes to make both again.
 */
export class PretrainedProcessor implements Processor {
  /** Where that of the family takes documents. */
  readonly interleave?: InterleavingProcessor['interleave'];
  /** Where that of the family reads conversations. */
  readonly layOut?: NonNullable<InterleavingProcessor['layOut']>;
  /** Where samples of that of the family may share a row. */
  readonly pack?: NonNullable<InterleavingProcessor['pack']>;
  /** Where that of the family reads values for augmentations. */
  readonly read?: NonNullable<Processor['read']>;
  /** Where that of the family says where tokens stand. */
  readonly locateTokens?: NonNullable<Processor['locateTokens']>;
  /** Where that of the family says where pixels lie. */
  readonly locatePixels?: NonNullable<Processor['locatePixels']>;
  /** Where that of the family divides values. */
  readonly divide?: DividingProcessor['divide'];
  readonly family: EncoderFamily;
  readonly config: ConfigOf<EncoderFamily>;
  /** config.json as it stood beside the weights. */
  readonly configFile: PretrainedConfig;
  readonly keys: KeyMap;
  /** The files that stood beside the weights, by name, with what was adjusted. */
  readonly contents: ReadonlyMap<string, Uint8Array>;
  readonly lengthAxes?: LengthAxes;
  readonly masks?: FeatureMasks;
  readonly #resolved: ResolvedFamily<EncoderFamily>;
  readonly #processor: Processor | undefined;
  readonly #where: string;

  /**
   * @param contents the files, by name
   * @param where    how error messages call their folder
   * @param options  what is asked beyond what they say
   */
  constructor(
    families: readonly EncoderFamily[],
    contents: ReadonlyMap<string, Uint8Array>,
    where: string,
    options: AdjustmentOptions,
  ) {
    this.#resolved = resolveFamily(families, parsePretrainedFiles(contents, where), where, options);
    const { family, config, configFile, keys } = this.#resolved;
    this.contents = this.#resolved.contents;
    this.family = family;
    this.config = config;
    this.configFile = configFile;
    this.keys = keys;
    this.#where = where;
    this.#processor = this.#resolved.processor();
    if (this.#processor?.lengthAxes) this.lengthAxes = this.#processor.lengthAxes;
    if (this.#processor?.masks) this.masks = this.#processor.masks;
    const processor = this.#processor;
    if (processor && isInterleaving(processor)) {
      this.interleave = (parts, context) => processor.interleave(parts, context);
      if (processor.layOut) this.layOut = (raw, host) => processor.layOut!(raw, host);
      if (processor.pack) this.pack = (rows) => processor.pack!(rows);
    }
    if (processor?.locateTokens) this.locateTokens = () => processor.locateTokens!();
    if (processor?.locatePixels) this.locatePixels = () => processor.locatePixels!();
    if (processor?.read) this.read = (raw, context) => processor.read!(raw, context);
    if (processor && isDividing(processor)) this.divide = (raw, context) => processor.divide(raw, context);
  }

  get codec(): TokenCodec | undefined {
    return this.#processor?.codec;
  }

  /** @throws FileFormatError where the files lack what makes features of raw values, as those of a model that is fed tensors may */
  requireFiles(): Processor {
    if (this.#processor) return this.#processor;
    throw new FileFormatError({
      where: this.#where,
      expected: 'tokenizer.json or preprocessor_config.json beside the model: they say how raw values become features',
      received: `only ${[...withoutTensorNames(this.contents).keys()].join(', ')}`,
      hint: 'Save them into the folder with save_pretrained of the Python class that is named there.',
    });
  }

  process(raw: unknown, context: ProcessContext): Features | Promise<Features> {
    return this.requireFiles().process(raw, context);
  }

  collate(rows: readonly Features[], lengths?: Lengths): Features {
    return this.requireFiles().collate(rows, lengths);
  }

  shape(features: Features): FeatureShape {
    return this.requireFiles().shape(features);
  }

  files(): Readonly<Record<string, Uint8Array>> {
    return Object.fromEntries(this.contents);
  }

  /** A new encoder, without values. */
  createEncoder(): Encoder {
    return this.#resolved.build(readTensorNames(this.contents));
  }
}
