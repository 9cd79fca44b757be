import {
  type Context,
  collateSamples,
  disposeBatch,
  type Encoder,
  type Encoders,
  type Fused,
  type FusedPart,
  type Fusion,
  type FusionDefinition,
  fulfils,
  type HostBatch,
  initialize,
  type PreparedSample,
  type Processors,
  parseConfig,
  RandomKey,
  type Requirements,
  type SampleProcessors,
  type TokenCodec,
  uploadBatch,
} from '@polymodal/core';
import type * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { keepValid } from '../compare/keep-valid';
import { projection } from '../compare/projection';
import { ReferenceEncoder } from '../doubles/reference-encoder';
import { referenceModalities } from '../doubles/reference-plugin';
import { ReferenceProcessor } from '../doubles/reference-processor';
import { TokenProcessor } from '../doubles/token-processor';
import { Assembly } from './assembly';
import { everySubset, prepareSignals } from './mixed-samples';
import type { BuiltModule, CaseChange, ModuleCase } from './module-case';

/** How a fusion is tested. */
export interface FusionConformance<Config = Record<string, unknown>> {
  /** Options of the fusion. Small sizes keep the tests fast. */
  readonly config?: Config;
  /** Width of the model. Default 16. */
  readonly hiddenSize?: number;
  /** How far results that should be equal up to rounding may lie apart. Default 1e-5. */
  readonly tolerance?: number;
  /** Options that act in training only, apart from those with "drop" in their name. */
  readonly trainingOnly?: readonly string[];
  /** Names of the encoder slots to fuse. Default image, text and audio. */
  readonly modalities?: readonly string[];
  /** Encoders in place of the reference ones, where the fusion takes only some kind. They are given the same features. */
  readonly encoder?: OwnEncoder;
}

/**
 * The encoder of a slot, without values, where it is no reference encoder: its features are `values` (P, N, 3) and `mask` (P, N), and what maps
 * them first is its `projection`, a linear map. */
export type OwnEncoder = (slot: string, hiddenSize: number) => Encoder | undefined;

/** A fusion under test, over reference encoders. */
export interface FusionCase extends ModuleCase, SampleProcessors {
  readonly modalities: readonly string[];
  /** What the fusion requires of a row, and what it offers. */
  readonly requires: Requirements;
  readonly offers: readonly FusedPart[];
  /** The case's own encoders. */
  readonly encoder: OwnEncoder | undefined;
  /** One sample of every subset of the modalities that the fusion allows, in mixed order. */
  readonly samples: readonly PreparedSample[];
  /** One of every subset that it does not allow. */
  readonly refused: readonly PreparedSample[];
  build(change?: FusionChange): BuiltFusion;
}

/** What {@link FusionCase.build} is to do otherwise than usual. */
interface FusionChange extends CaseChange {
  /** Width of the encoders, where it is not the model's. */
  readonly encoderSize?: number;
}

/** An instance of the fusion under test. */
export interface BuiltFusion extends BuiltModule {
  readonly module: Fusion;
  readonly encoders: Encoders;
  /** Fuses a batch, by default with the encoders that the fusion was made for. To be called inside `tf.tidy`. */
  fuse(batch: HostBatch, context: Context, encoders?: Encoders): Fused;
  /** The tensors of a fused batch whose values count: tokens that take no part are replaced by 0. */
  named(fused: Fused): { readonly tokens: tf.Tensor3D; readonly pooled: tf.Tensor2D };
}

/** A fusion and samples of every subset of modalities to run it on. */
export async function fusionCase(definition: FusionDefinition, conformance: FusionConformance): Promise<FusionCase> {
  const name = `fusion "${definition.name}"`;
  const config = conformance.config ?? {};
  const hiddenSize = conformance.hiddenSize ?? 16;
  const modalities = conformance.modalities ?? referenceModalities;
  const schema = z.strictObject({ ...definition.config.shape });
  const from: SampleProcessors = { processors: referenceProcessors(modalities), targets: {} };
  const key = RandomKey.from(0).fold('samples');
  const create = (change: FusionChange) => {
    const options = parseConfig(schema, { ...config, ...change.config }, name);
    const encoders = referenceEncoders(modalities, change.encoderSize ?? hiddenSize, conformance.encoder);
    return { encoders, module: definition.create(options, { hiddenSize, encoders }) };
  };
  const { requires, offers } = create({}).module;
  const drawn = shuffled(await prepareSignals(from, everySubset(modalities), key), key);
  const allows = ({ features }: PreparedSample) => fulfils(requires, Object.keys(features));
  const samples = drawn.filter(allows);

  function build(change: FusionChange = {}): BuiltFusion {
    const { encoders, module } = create(change);
    const whole = new Assembly(module, encoders);
    initialize(whole, change.key ?? RandomKey.from(0).fold('conformance'));
    const batch = uploadBatch(collateSamples(from, samples));
    const named = ({ tokens, mask, pooled }: Fused) => ({ tokens: keepValid(tokens, mask), pooled });
    const outputs = (context: Context) => named(module.forward(encoders, batch, context));
    return {
      module,
      whole,
      encoders,
      fuse: (host, context, others = encoders) => module.forward(others, uploadBatch(host), context),
      named,
      outputs,
      loss: (context) => projection(outputs(context)),
      dispose() {
        whole.dispose();
        disposeBatch(batch);
      },
    };
  }
  return {
    name,
    config,
    schema,
    ownOptions: Object.keys(definition.config.shape),
    reservedOptions: ['use'],
    trainingOnly: conformance.trainingOnly ?? [],
    tolerance: conformance.tolerance ?? 1e-5,
    modalities,
    requires,
    offers,
    encoder: conformance.encoder,
    ...from,
    samples,
    refused: drawn.filter((sample) => !allows(sample)),
    build,
  };
}

/** A reference processor for each of some modalities. @param codec how their values are written */
export function referenceProcessors(modalities: readonly string[], codec?: TokenCodec): Processors {
  const hidesTokens = codec?.maskId !== undefined;
  const create = () => (hidesTokens ? new TokenProcessor(4, codec) : new ReferenceProcessor(4, codec));
  return Object.fromEntries(modalities.map((modality) => [modality, create()]));
}

/** An encoder for each of some modalities, without values: the reference one, or the case's own. */
export function referenceEncoders(modalities: readonly string[], hiddenSize: number, own?: OwnEncoder): Encoders {
  const options = { numHiddenLayers: 2, hiddenDropout: 0 };
  const encoderOf = (slot: string) => own?.(slot, hiddenSize) ?? new ReferenceEncoder(options, hiddenSize);
  return Object.fromEntries(modalities.map((modality) => [modality, encoderOf(modality)]));
}

function shuffled<T>(items: readonly T[], key: RandomKey): T[] {
  return [...key.fold('order').shuffle(items.length)].map((index) => items[index]);
}
