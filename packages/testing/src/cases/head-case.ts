import {
  type Batch,
  type Context,
  collateSamples,
  disposeBatch,
  drawnTargets,
  type Encoders,
  type Fusion,
  type FusionDefinition,
  type FusionSetup,
  fulfils,
  type Head,
  type HeadDefinition,
  type HeadInput,
  type HeadSetup,
  type HostBatch,
  initialize,
  isLearning,
  type Losses,
  meanLoss,
  type PreparedSample,
  type PresentRows,
  type Processor,
  type ProducedPiece,
  parseConfig,
  presentRows,
  RandomKey,
  type SampleProcessors,
  type SummedTerm,
  type TargetBatch,
  type Targets,
  type TokenCodec,
  uploadBatch,
} from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { namedTensors } from '../compare/named-tensors';
import { ConformanceError } from '../conformance-error';
import { ReferenceFusion } from '../doubles/reference-fusion';
import { referenceModalities } from '../doubles/reference-plugin';
import { Assembly } from './assembly';
import { type OwnEncoder, referenceEncoders, referenceProcessors } from './fusion-case';
import { everySubset, prepareSignals } from './mixed-samples';
import type { BuiltModule, CaseChange, ModuleCase } from './module-case';
import { type ProcessorConformance, streamOf } from './processor-case';

/** How a head is tested. */
export interface HeadConformance<Config = Record<string, unknown>> {
  /** Options of the head. Small sizes keep the tests fast. */
  readonly config?: Config;
  /** Targets of one row, drawn with the key. Left out for a head that learns without targets. */
  readonly targets?: (key: RandomKey) => Targets;
  /** How the processor of the target is tested, beside the values that `targets` draws. */
  readonly target?: Pick<ProcessorConformance, 'invalid' | 'takes'>;
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
  /** The fusion, where the head reads what the reference one does not offer. */
  readonly fusion?: { readonly definition: FusionDefinition; readonly config?: Record<string, unknown> };
  /** Encoders in place of the reference ones, where that fusion takes only some kind. They are given the same features. */
  readonly encoder?: OwnEncoder;
  /**
   * How values of the slots are written, where the head writes such: the processors of the case have it. Of one with a `maskId`, features are
   * tokens too: `inputIds`, which are not special.
   */
  readonly codec?: TokenCodec;
}

/** A head under test, over reference encoders and a reference fusion. */
export interface HeadCase extends ModuleCase, SampleProcessors {
  /** Under which it stands in a model. */
  readonly headName: string;
  readonly modalities: readonly string[];
  /** Whether the case has targets, and the head learns nothing without. */
  readonly hasTargets: boolean;
  readonly needsTarget: boolean;
  /** Whether the head reports figures. */
  readonly hasFigures: boolean;
  /** Whether it fits how its answers are read to validation data. */
  readonly calibrates: boolean;
  /** Whether it produces its answer step by step. */
  readonly produces: boolean;
  /** Whether it draws what it learns. */
  readonly draws: boolean;
  /** Whether losses of several batches can be those of a large one: it compares no rows, or tells what can be joined. */
  readonly joinsRows: boolean;
  /** Whether it says which slots it reads, and no more. */
  readonly readsSlots: boolean;
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
  /**
   * Output and loss for a batch. To be called inside `tf.tidy`.
   *
   * @param counted a batch whose targets the head is shown in host memory, in place of its own
   */
  learn(batch: HostBatch, context: Context, counted?: HostBatch): HeadPass;
  /** What a head that produces step by step tells on the way, until it ends or so many pieces have come. */
  pieces(batch: HostBatch, context: Context, most?: number): Promise<ProducedPiece<unknown>[]>;
  /** The numbers that the head answers from, which are to be disposed. */
  answer(batch: HostBatch, context: Context): Promise<HeadScores>;
}

/** A forward pass of a head and its loss. */
interface HeadPass {
  readonly output: unknown;
  readonly terms: Losses[string];
  /** `undefined` where there is nothing to learn from. */
  readonly loss: tf.Scalar | undefined;
}

/** What answers are read from. */
interface HeadScores {
  readonly tensors: tf.NamedTensorMap;
  readonly present: PresentRows;
}

/** A head and samples to run it on. */
export async function headCase(definition: HeadDefinition, conformance: HeadConformance): Promise<HeadCase> {
  const name = `head "${definition.name}"`;
  const headName = conformance.name ?? 'subject';
  const { target: targetName = headName, ...config } = (conformance.config ?? {}) as Record<string, unknown>;
  const hiddenSize = conformance.hiddenSize ?? 16;
  const modalities = conformance.modalities ?? referenceModalities;
  const schema = z.strictObject({ ...definition.config.shape, ...definition.target?.config.shape });
  const processors = referenceProcessors(modalities, conformance.codec);
  const setup = { slot: headName, savedFile: () => undefined, processors };
  const target = definition.target?.create(parseConfig(schema, config, name), setup) as Processor;
  if (target && isLearning(target) && conformance.targets) {
    const { targets } = conformance;
    const keys = Array.from({ length: 8 }, (_, index) => RandomKey.from(0).fold('learned').fold(index));
    await target.fit(streamOf(keys.map((key) => targets(key)[targetName as string])));
  }
  const from: SampleProcessors = {
    processors,
    targets: target ? { [headName]: { name: targetName as string, processor: target } } : {},
  };
  const parts = (change: CaseChange) => {
    const encoders = referenceEncoders(modalities, hiddenSize, conformance.encoder);
    const fusion = createFusion(conformance.fusion, { hiddenSize, encoders });
    const parent = conformance.parent && createParent(conformance.parent, { fusion, encoders });
    const options = parseConfig(schema, { ...config, ...change.config }, name);
    const module = definition.create(options, { name: headName, fusion, encoders, parent, target });
    return { encoders, fusion, parent, module };
  };
  const probe = parts({}).module;
  const samples = await drawSamples(probe, from, conformance);

  function build(change: CaseChange = {}): BuiltHead {
    const { encoders, fusion, parent, module } = parts(change);
    const whole = new Assembly(module, { ...encoders, fusion, ...(parent && { parent }) });
    initialize(whole, change.key ?? RandomKey.from(0).fold('conformance'));
    const drawn = (batch: HostBatch) => drawnTargets({ [headName]: module }, batch, RandomKey.from(0).fold('drawn'));
    const upload = uploadBatch(drawn(collateSamples(from, samples)));
    const input = (batch: Batch, context: Context): HeadInput => {
      const fused = fusion.forward(encoders, batch, context);
      return { fused, parent: parent?.forward({ fused, parent: undefined }, context) };
    };
    const inputOf = (batch: Batch, context: Context, target: TargetBatch | undefined): HeadInput => {
      if (!module.view) return input(batch, context);
      const { parent: made } = parent ? input(batch, context) : { parent: undefined };
      const view = module.view(batch, { target, parent: made }, context);
      return { fused: fusion.forward(encoders, view, context), parent: undefined };
    };
    const learn = (batch: Batch, context: Context): HeadPass => {
      const wanted = batch.targets[headName];
      const output = module.forward(inputOf(batch, context, wanted), context, wanted);
      const terms: Record<string, SummedTerm> = {};
      for (const [term, own] of Object.entries(module.loss(wanted, presentRows(batch)))) {
        if (own.count > 0) terms[term] = { sum: own.sum(output, context), count: own.count, weight: own.weight ?? 1 };
      }
      return { output, terms, loss: Object.keys(terms).length > 0 ? meanLoss(terms) : undefined };
    };
    return {
      module,
      whole,
      encoders,
      fusion,
      parent,
      learn: (batch, context, counted = batch) => {
        const { targets, ...rest } = uploadBatch(drawn(batch));
        const shown = Object.entries(targets).map(([head, own]) => [
          head,
          { ...own, values: drawn(counted).targets[head].features },
        ]);
        return learn({ ...rest, targets: Object.fromEntries(shown) }, context);
      },
      pieces: (batch, context, most) => pieces(module, () => input(uploadBatch(batch), context), context, most),
      answer: (batch, context) => answer(module, () => input(uploadBatch(batch), context), presentRows(batch), context),
      outputs(context) {
        const pass = learn(upload, context);
        return { loss: definedLoss(name, pass), ...namedTensors(pass.output) };
      },
      loss: (context) => definedLoss(name, learn(upload, context)),
      dispose() {
        whole.dispose();
        disposeBatch(upload);
      },
    };
  }
  return {
    name,
    headName,
    config,
    schema,
    ownOptions: Object.keys(definition.config.shape),
    reservedOptions: ['use', 'input', 'requires', 'target'],
    trainingOnly: conformance.trainingOnly ?? [],
    tolerance: conformance.tolerance ?? 1e-5,
    modalities,
    hasTargets: conformance.targets !== undefined,
    needsTarget: probe.needsTarget,
    hasFigures: probe.evaluate !== undefined || probe.evaluateLoss !== undefined,
    calibrates: probe.calibrate !== undefined,
    produces: probe.produce !== undefined,
    draws: probe.draw !== undefined,
    joinsRows: !probe.comparesRows || probe.rowTensors !== undefined,
    readsSlots: probe.readsSlots !== undefined,
    ...from,
    samples,
    build,
  };
}

/** What a model does to have a head's answers, for rows of several combinations of modalities at once. */
async function answer(head: Head, input: () => HeadInput, present: PresentRows, context: Context): Promise<HeadScores> {
  if (!head.produce) return { tensors: tf.tidy(() => head.scores(head.forward(input(), context))), present };
  // Tensors of the input outlive the tidy, because production goes on over several turns of the event loop.
  const given = tf.tidy(() => input() as unknown as tf.TensorContainer) as unknown as HeadInput;
  let output: unknown;
  try {
    const pieces = head.produce(given, context, head.predictOptions.parse({}));
    for (let next = await pieces.next(); ; next = await pieces.next()) {
      if (!next.done) continue;
      output = next.value;
      break;
    }
    const cloned = (scores: tf.NamedTensorMap) =>
      Object.fromEntries(Object.entries(scores).map(([name, tensor]) => [name, tensor.clone()]));
    return { tensors: tf.tidy(() => cloned(head.scores(output))), present };
  } finally {
    tf.dispose([given, output] as unknown as tf.TensorContainer);
  }
}

async function pieces(
  head: Head,
  input: () => HeadInput,
  context: Context,
  most = Number.POSITIVE_INFINITY,
): Promise<ProducedPiece<unknown>[]> {
  const given = tf.tidy(() => input() as unknown as tf.TensorContainer) as unknown as HeadInput;
  const told: ProducedPiece<unknown>[] = [];
  const production = head.produce!(given, context, head.predictOptions.parse({}));
  try {
    for (let next = await production.next(); ; next = await production.next()) {
      if (next.done) {
        tf.dispose(next.value as tf.TensorContainer);
        return told;
      }
      told.push(next.value);
      if (told.length < most) continue;
      await production.return(undefined);
      return told;
    }
  } finally {
    tf.dispose(given as unknown as tf.TensorContainer);
  }
}

function createFusion(own: HeadConformance['fusion'], setup: FusionSetup): Fusion {
  if (!own) return new ReferenceFusion(setup.hiddenSize, setup.encoders);
  return own.definition.create(parseConfig(own.definition.config, own.config ?? {}, 'fusion'), setup);
}

function createParent(
  { definition, config = {} }: NonNullable<HeadConformance['parent']>,
  setup: Pick<HeadSetup, 'fusion' | 'encoders'>,
): Head {
  const schema = z.strictObject({ ...definition.config.shape, ...definition.target?.config.shape });
  const options = parseConfig(schema, config, 'parent');
  const target = definition.target?.create(options, {
    slot: 'parent',
    savedFile: () => undefined,
    processors: {},
  }) as Processor;
  return definition.create(options, { ...setup, name: 'parent', parent: undefined, target });
}

/** Every subset that the head can run on, and the full set three times over, so that there is something to contrast. */
function drawSamples(head: Head, from: SampleProcessors, conformance: HeadConformance): Promise<PreparedSample[]> {
  const modalities = Object.keys(from.processors);
  const subsets = [modalities, ...everySubset(modalities), modalities];
  const allowed = subsets.filter((subset) => fulfils(head.requires, subset));
  return prepareSignals(from, allowed, RandomKey.from(0).fold('samples'), conformance.targets);
}

function definedLoss(name: string, { loss }: HeadPass): tf.Scalar {
  if (loss) return loss;
  throw new ConformanceError({
    where: `${name}, loss`,
    expected: 'terms for a batch with targets in every row',
    received: 'none',
  });
}
