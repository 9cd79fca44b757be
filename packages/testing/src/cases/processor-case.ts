import {
  type Features,
  isLearning,
  type Processor,
  type ProcessorSetup,
  parseConfig,
  RandomKey,
  type TargetDefinition,
  type TokenCodec,
} from '@polymodal/core';
import { z } from 'zod';
import { referenceProcessors } from './fusion-case';

/** How a processor is tested. */
export interface ProcessorConformance<Config = Record<string, unknown>> {
  /** A raw value as users have it, drawn with the key; values of different lengths where the modality has a length. */
  readonly sample: (key: RandomKey) => unknown;
  /** Options of the processor. */
  readonly config?: Config;
  /** Files that a saved model would have of the processor, for one that is not made without. */
  readonly files?: Readonly<Record<string, Uint8Array>>;
  /** Raw values, beyond those that fit no modality (null, {}, NaN, …), that must be refused with a SampleError. */
  readonly invalid?: readonly unknown[];
  /** Of a target, how values of the model's slots are written. */
  readonly codec?: TokenCodec;
  /** Whether the modality does take one of those that fit no other (a table may take an empty object, say). */
  readonly takes?: (raw: unknown) => boolean;
}

/** A processor under test. */
export interface ProcessorCase {
  readonly name: string;
  /** One that learns has learned from the samples. */
  readonly processor: Processor;
  readonly samples: readonly unknown[];
  readonly invalid: readonly unknown[];
  takes(raw: unknown): boolean;
  /** Another instance of the same config, e.g. one that gets the files which the first one saved. */
  create(savedFile?: ProcessorSetup['savedFile']): Processor;
}

/** How many raw values are drawn at most in search of some that differ in length. */
const drawnSamples = 8;

/** A processor and some raw values to try it on. */
export async function processorCase(
  definition: TargetDefinition,
  conformance: ProcessorConformance,
  name = 'processor',
): Promise<ProcessorCase> {
  const config = parseConfig(z.strictObject({ ...definition.config.shape }), conformance.config ?? {}, name);
  const processors = referenceProcessors(['text'], conformance.codec);
  const files = new Map(Object.entries(conformance.files ?? {}));
  const create = (savedFile: ProcessorSetup['savedFile'] = (file) => files.get(file)) =>
    definition.create(config, { slot: 'subject', savedFile, processors });
  const samples = await drawSamples(conformance.sample);
  const processor = create();
  if (isLearning(processor) && !processor.fitted) await processor.fit(streamOf(samples));
  return {
    name,
    processor,
    samples,
    invalid: conformance.invalid ?? [],
    takes: conformance.takes ?? (() => false),
    create,
  };
}

/** Values as a processor learns from them. */
export async function* streamOf<Value>(values: readonly Value[]): AsyncGenerator<Value> {
  yield* values;
}

/** The features of raw values, in inference. */
export async function processAll(processor: Processor, samples: readonly unknown[]): Promise<Features[]> {
  const features: Features[] = [];
  for (const raw of samples) features.push(await processor.process(raw, { training: false }));
  return features;
}

/** Rows that can share a batch, in their order. */
export function rowsByFixed(processor: Processor, rows: readonly Features[]): Features[][] {
  const groups = new Map<string, Features[]>();
  for (const row of rows) {
    const fixed = JSON.stringify(processor.shape(row).fixed) ?? '';
    groups.set(fixed, [...(groups.get(fixed) ?? []), row]);
  }
  return [...groups.values()];
}

async function drawSamples(sample: ProcessorConformance['sample']): Promise<unknown[]> {
  const key = RandomKey.from(0).fold('samples');
  const samples: unknown[] = [];
  for (let index = 0; index < drawnSamples; index++) samples.push(await sample(key.fold(index)));
  return samples;
}
