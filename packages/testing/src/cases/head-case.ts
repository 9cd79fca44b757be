import {
  type Batch,
  type Context,
  collateSamples,
  disposeBatch,
  type Encoders,
  type Fusion,
  fulfils,
  type Head,
  type HeadDefinition,
  type HeadInput,
  type HostBatch,
  initialize,
  type PreparedSample,
  type Processors,
  parseConfig,
  RandomKey,
  type Targets,
  uploadBatch,
} from '@polymodal/core';
import type * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { namedTensors } from '../compare/named-tensors';
import { ConformanceError } from '../conformance-error';
import { ReferenceFusion } from '../doubles/reference-fusion';
import { referenceModalities } from '../doubles/reference-plugin';
import { Assembly } from './assembly';
import { referenceEncoders, referenceProcessors } from './fusion-case';
import { everySubset, prepareSignals } from './mixed-samples';
import type { BuiltModule, CaseChange, ModuleCase } from './module-case';

/** How a head is tested. */
export interface HeadConformance<Config = Record<string, unknown>> {
  /** Options of the head. Small sizes keep the tests fast. */
  readonly config?: Config;
  /** Targets of one row, drawn with the key. Left out for a head that learns without targets. */
  readonly targets?: (key: RandomKey) => Targets;
  /** Name of the head in the model, under which it may look for its target. Default `subject`. */
  readonly name?: string;
  /** The head that feeds it, where that is not the fusion. */
  readonly parent?: { readonly definition: HeadDefinition; readonly config?: Record<string, unknown> };
  /** Width of the model. Default 16. */
  readonly hiddenSize?: number;
  /** How far results that should be equal up to rounding may lie apart. Default 1e-5. */
  readonly tolerance?: number;
  /** Options that act in training only, apart from those with "drop" in their name. */
  readonly trainingOnly?: readonly string[];
  /** Names of the encoder slots of the model. Default image, text and audio. */
  readonly modalities?: readonly string[];
}

/** A head under test, over reference encoders and a reference fusion. */
export interface HeadCase extends ModuleCase {
  readonly modalities: readonly string[];
  readonly processors: Processors;
  /** Samples with targets of every subset that the head can run on. */
  readonly samples: readonly PreparedSample[];
  build(change?: CaseChange): BuiltHead;
}

/** An instance of the head under test. */
export interface BuiltHead extends BuiltModule {
  readonly module: Head;
  /** What feeds the head. */
  readonly encoders: Encoders;
  readonly fusion: Fusion;
  readonly parent: Head | undefined;
  /** What the head is given for a batch. To be called inside `tf.tidy`. */
  input(batch: HostBatch, context: Context): HeadInput;
  /** Output and loss for a batch, whose targets may be replaced. To be called inside `tf.tidy`. */
  learn(batch: HostBatch, context: Context, targets?: HostBatch['targets']): HeadPass;
}

/** A forward pass of a head and its loss. */
interface HeadPass {
  readonly output: unknown;
  readonly loss: tf.Scalar | undefined;
}

/** A head and samples to run it on. */
export async function headCase(definition: HeadDefinition, conformance: HeadConformance): Promise<HeadCase> {
  const name = `head "${definition.name}"`;
  const headName = conformance.name ?? 'subject';
  const config = conformance.config ?? {};
  const hiddenSize = conformance.hiddenSize ?? 16;
  const modalities = conformance.modalities ?? referenceModalities;
  const schema = z.strictObject({ ...definition.config.shape });
  const processors = referenceProcessors(modalities);
  const parts = (change: CaseChange) => {
    const encoders = referenceEncoders(modalities, hiddenSize);
    const fusion = new ReferenceFusion(hiddenSize, encoders);
    const parent = conformance.parent && createParent(conformance.parent, { fusion, encoders });
    const options = parseConfig(schema, { ...config, ...change.config }, name);
    const module = definition.create(options, { name: headName, fusion, encoders, parent });
    return { encoders, fusion, parent, module };
  };
  const samples = await drawSamples(parts({}).module, processors, conformance);

  function build(change: CaseChange = {}): BuiltHead {
    const { encoders, fusion, parent, module } = parts(change);
    const whole = new Assembly(module, { ...encoders, fusion, ...(parent && { parent }) });
    initialize(whole, change.key ?? RandomKey.from(0).fold('conformance'));
    const upload = uploadBatch(collateSamples(processors, samples));
    const input = (batch: Batch, context: Context): HeadInput => {
      const fused = fusion.forward(encoders, batch, context);
      return { fused, parent: parent?.forward({ fused, parent: undefined }, context) };
    };
    const learn = (batch: Batch, context: Context, targets = batch.targets): HeadPass => {
      const output = module.forward(input(batch, context), context, targets.some(Boolean) ? targets : undefined);
      return { output, loss: module.loss(output, targets, context) };
    };
    const loss = (context: Context) => definedLoss(name, learn(upload, context));
    return {
      module,
      whole,
      encoders,
      fusion,
      parent,
      input: (batch, context) => input(uploadBatch(batch), context),
      learn: (batch, context, targets) => learn(uploadBatch(batch), context, targets),
      outputs(context) {
        const pass = learn(upload, context);
        return { loss: definedLoss(name, pass), ...namedTensors(pass.output) };
      },
      loss,
      dispose() {
        whole.dispose();
        disposeBatch(upload);
      },
    };
  }
  return {
    name,
    config,
    schema,
    ownOptions: Object.keys(definition.config.shape),
    reservedOptions: ['use', 'input'],
    trainingOnly: conformance.trainingOnly ?? [],
    tolerance: conformance.tolerance ?? 1e-5,
    modalities,
    processors,
    samples,
    build,
  };
}

function createParent(
  { definition, config = {} }: NonNullable<HeadConformance['parent']>,
  setup: Pick<Parameters<HeadDefinition['create']>[1], 'fusion' | 'encoders'>,
): Head {
  const options = parseConfig(z.strictObject({ ...definition.config.shape }), config, 'parent');
  return definition.create(options, { ...setup, name: 'parent', parent: undefined });
}

/** Every subset that the head can run on, and the full set three times over, so that there is something to contrast. */
function drawSamples(head: Head, processors: Processors, conformance: HeadConformance): Promise<PreparedSample[]> {
  const modalities = Object.keys(processors);
  const subsets = [modalities, ...everySubset(modalities), modalities];
  const allowed = subsets.filter((subset) => fulfils(head.requires, subset));
  return prepareSignals(processors, allowed, RandomKey.from(0).fold('samples'), conformance.targets);
}

function definedLoss(name: string, { loss }: HeadPass): tf.Scalar {
  if (loss) return loss;
  throw new ConformanceError({
    where: `${name}, loss`,
    expected: 'a scalar for a batch with targets in every row',
    received: 'undefined',
  });
}
