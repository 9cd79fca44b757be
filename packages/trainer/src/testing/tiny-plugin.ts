import { readFileSync } from 'node:fs';
import {
  asStorageError,
  composeModel,
  createRegistry,
  defineAugmentation,
  defineEncoder,
  defineFusion,
  defineHead,
  defineModality,
  definePlugin,
  type LearningProcessor,
  type Model,
  type ProcessContext,
  type RandomKey,
  type Sample,
} from '@polymodal/core';
import { z } from 'zod';
import { ClassHead, ClassProcessor, LinearEncoder, MeanFusion, SequenceProcessor } from './tiny-model';

/**
 * Numbers as they are, from the mean that it learned; texts are the paths of files with such in JSON. Some are made for accidents: -1 ends the
 * thread, -2 takes memory without end.
 */
class ShiftedProcessor extends SequenceProcessor implements LearningProcessor<readonly number[]> {
  #mean: number | undefined;

  constructor(noise: number, mean: number | undefined) {
    super(noise, true);
    this.#mean = mean;
  }

  get fitted(): boolean {
    return this.#mean !== undefined;
  }

  async fit(values: AsyncIterable<readonly number[] | string>): Promise<void> {
    let [sum, count] = [0, 0];
    for await (const value of values) for (const own of read(value)) [sum, count] = [sum + own, count + 1];
    this.#mean = sum / count;
  }

  restore(savedFile: (name: string) => Uint8Array | undefined): void {
    this.#mean = meanOf(savedFile('mean'));
  }

  files(): Readonly<Record<string, Uint8Array>> {
    return this.fitted ? { mean: new Uint8Array(Float64Array.of(this.#mean!).buffer) } : {};
  }

  override process(raw: readonly number[] | string, context: ProcessContext): ReturnType<SequenceProcessor['process']> {
    const values = read(raw);
    processed.count++;
    if (values.includes(-1)) process.exit(3);
    if (values.includes(-2)) for (const kept: unknown[] = []; ; ) kept.push(new Array(1e5).fill(kept.length));
    return super.process(
      values.map((value) => value - this.#mean!),
      context,
    );
  }
}

function read(raw: readonly number[] | string): readonly number[] {
  if (typeof raw !== 'string') return raw;
  try {
    return JSON.parse(readFileSync(raw, 'utf8')) as number[];
  } catch (error) {
    throw asStorageError(error, raw, 'a file that can be read');
  }
}

function meanOf(file: Uint8Array | undefined): number | undefined {
  return file && new Float64Array(Uint8Array.from(file).buffer)[0];
}

const numbers = z.object({ noise: z.number().default(0) });

/** How many values were processed in this thread. */
export const processed = { count: 0 };

/** Adds to each number at random. */
export const louder = defineAugmentation({
  name: 'louder',
  modality: 'numbers',
  config: z.object({ by: z.number() }),
  create: ({ by }) => ({
    changeValue: (values: readonly number[], key) =>
      values.map((value, index) => value + by * key.fold(index).uniform(1)[0]),
  }),
});

/** The parts of `tinyModel`, as threads can have them. */
export const tinyPlugin = definePlugin({
  name: 'tiny',
  specificationVersion: 'v1',
  module: import.meta.url,
  modalities: [defineModality({ id: 'numbers', description: 'an array of numbers' })],
  encoders: [
    defineEncoder({
      name: 'tiny',
      modality: 'numbers',
      processor: {
        config: numbers,
        create: ({ noise }, { savedFile }) => new ShiftedProcessor(noise, meanOf(savedFile('mean'))),
      },
      config: z.object({}),
      create: ({ noise }, { hiddenSize }) => new LinearEncoder(hiddenSize, noise),
    }),
  ],
  augmentations: [louder],
  fusions: [
    defineFusion({ name: 'mean', config: z.object({}), create: (_, { hiddenSize }) => new MeanFusion(hiddenSize) }),
  ],
  heads: [
    defineHead({
      name: 'class',
      target: { config: z.object({}), create: () => new ClassProcessor(3) },
      config: z.object({}),
      create: (_, { fusion }) => new ClassHead(3, fusion.hiddenSize),
    }),
  ],
});

/** One that says of no module where it is. */
export const { module: _, ...unplacedPlugin } = tinyPlugin;

/** A model whose samples can be prepared by threads: its slots learn from the data, and add noise. */
export function threadedModel(plugin: typeof tinyPlugin | typeof unplacedPlugin = tinyPlugin, noise = 0.1): Model {
  const slot = { use: 'tiny', noise } as const;
  return composeModel(createRegistry([plugin]), {
    hiddenSize: 4,
    encoders: { a: slot, b: slot, c: slot },
    fusion: { use: 'mean' },
    heads: { digit: { use: 'class' } },
  }) as unknown as Model;
}

/** Makes what a sample has longer, as often as not. */
export function augment(sample: Sample, key: RandomKey): Sample {
  return key.uniform(1)[0] < 0.5 ? sample : { ...sample, a: [...((sample.a as number[]) ?? []), ...key.normal(3)] };
}

/** What augments with so many more numbers, in a slot. */
export function lengthening({ slot, by }: { readonly slot: string; readonly by: number }) {
  return (sample: Sample, key: RandomKey): Sample => ({ ...sample, [slot]: [...key.normal(by)] });
}
