import {
  type Context,
  type EncodedTokens,
  type Encoder,
  type EncoderDefinition,
  type Features,
  initialize,
  type ModalityBatch,
  type Processor,
  parseConfig,
  RandomKey,
  type Tokens,
  uploadBatch,
} from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { keepValid } from '../compare/keep-valid';
import { projection } from '../compare/projection';
import type { BuiltModule, CaseChange, ModuleCase } from './module-case';
import { type ProcessorConformance, processAll, processorCase, rowsByFixed } from './processor-case';

/** How an encoder is tested. */
export interface EncoderConformance<Config = Record<string, unknown>> extends ProcessorConformance<Config> {
  /** Options of the encoder's slot: the encoder's and its processor's. Small sizes keep the tests fast. */
  readonly config?: Config;
  /** Width of the model. Default 16. */
  readonly hiddenSize?: number;
  /** How far results that should be equal up to rounding may lie apart. Default 1e-5. */
  readonly tolerance?: number;
  /** Options that act in training only, apart from those with "drop" in their name. */
  readonly trainingOnly?: readonly string[];
}

/** An encoder under test. */
export interface EncoderCase extends ModuleCase {
  readonly processor: Processor;
  /** Raw values. */
  readonly samples: readonly unknown[];
  /** Features of some raw values, of several lengths where the modality has a length. */
  readonly rows: readonly Features[];
  build(change?: CaseChange): BuiltEncoder;
}

/** An instance of the encoder under test. */
export interface BuiltEncoder extends BuiltModule {
  readonly module: Encoder;
  /** Encodes collated features of P rows, whose positions in the batch are `rows`. To be called inside `tf.tidy`. */
  encode(features: Features, context: Context, rows?: Int32Array): EncodedTokens;
  /** The first step of {@link outputs}. */
  embed(context: Context): Tokens;
  /** The tokens on the way to {@link outputs}, as the encoder gives them. */
  stages(context: Context): readonly Tokens[];
  /** `pooled` of {@link outputs}, as the encoder gives it by itself. */
  pooled(context: Context): tf.Tensor2D;
  /** The tensors of an encoding whose values count: tokens that take no part are replaced by 0. */
  named(encoded: EncodedTokens): { readonly tokens: tf.Tensor3D; readonly pooled: tf.Tensor2D };
}

/** How many rows a batch of the checks has. */
const batchRows = 4;

/** An encoder and some rows to run it on. */
export async function encoderCase(
  definition: EncoderDefinition,
  conformance: EncoderConformance,
): Promise<EncoderCase> {
  const name = `encoder "${definition.name}"`;
  const config = conformance.config ?? {};
  const hiddenSize = conformance.hiddenSize ?? 16;
  const schema = z.strictObject({ ...definition.config.shape, ...definition.processor.config.shape });
  const processorKeys = Object.keys(definition.processor.config.shape);
  const processorConfig = Object.fromEntries(Object.entries(config).filter(([key]) => processorKeys.includes(key)));
  const drawn = await processorCase(definition.processor, { ...conformance, config: processorConfig }, name);
  const { processor } = drawn;
  const [batchable] = rowsByFixed(processor, await processAll(processor, drawn.samples));
  const rows = mostVaried(batchable);

  function build(change: CaseChange = {}): BuiltEncoder {
    const options = parseConfig(schema, { ...config, ...change.config }, name);
    const module = definition.create(options, { slot: 'subject', hiddenSize, processor });
    initialize(module, change.key ?? RandomKey.from(0).fold('conformance'));
    const input = uploadRows(processor.collate(rows));
    const named = ({ tokens, mask, pooled }: EncodedTokens) => ({ tokens: keepValid(tokens, mask), pooled });
    const outputs = (context: Context) => named(module.encode(input, context));
    return {
      module,
      whole: module,
      encode: (features, context, positions) => module.encode(uploadRows(features, positions), context),
      embed: (context) => module.embed(input, context),
      stages: (context) => module.encodeStages(input, context).stages,
      pooled: (context) => module.encodePooled(input, context),
      named,
      outputs,
      loss: (context) => projection(outputs(context)),
      dispose() {
        module.dispose();
        tf.dispose(Object.values(input.features));
      },
    };
  }
  return {
    name,
    config,
    schema,
    ownOptions: Object.keys(definition.config.shape),
    reservedOptions: ['use', 'several', 'shared'],
    trainingOnly: conformance.trainingOnly ?? [],
    tolerance: conformance.tolerance ?? 1e-5,
    processor,
    samples: drawn.samples,
    rows,
    build,
  };
}

function uploadRows(features: Features, positions?: Int32Array): ModalityBatch {
  const [count] = Object.values(features)[0].shape;
  const rows = positions ?? Int32Array.from({ length: count }, (_, row) => row);
  return uploadBatch({ size: Math.max(...rows) + 1, modalities: { subject: { rows, features } }, targets: {} })
    .modalities.subject;
}

/** The shortest row, the longest, and others in the order they were drawn in. */
function mostVaried(rows: readonly Features[]): Features[] {
  const bySize = [...rows].sort((a, b) => size(a) - size(b));
  const extremes = new Set([bySize[0], bySize[bySize.length - 1]]);
  return [...rows.filter((row) => !extremes.has(row)).slice(0, batchRows - extremes.size), ...extremes];
}

function size(features: Features): number {
  return Object.values(features).reduce((sum, { data }) => sum + data.length, 0);
}
