import { asSampleError, type Model, PolymodalError } from '@polymodal/core';
import type { ProgressBar } from '../progress';
import type { Dataset } from './dataset';
import { type LearningPart, learningParts } from './learning-parts';
import { readSample } from './read-sample';

/** How {@link fitProcessors} reads data. */
export interface FitOptions {
  readonly progress: ProgressBar;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Lets those processors of a model learn that have to and have not, each from the values of its slot or target in all
 * sources. One of whose slot there is no value is left as it is: nothing of the data needs it.
 *
 * @throws SampleError naming the sample whose value cannot be read
 */
export async function fitProcessors(
  model: Model,
  sources: ReadonlyMap<string, Dataset>,
  options: FitOptions,
): Promise<void> {
  for (const part of learningParts(model)) {
    if (!part.processor.fitted) await fitProcessor(part, sources, options);
  }
}

async function fitProcessor(
  part: LearningPart,
  sources: ReadonlyMap<string, Dataset>,
  options: FitOptions,
): Promise<void> {
  const { progress } = options;
  const values = new ValuesOf(part, sources, options);
  progress.start(`Fitting ${part.name} to ${[...sources.keys()].join(', ')}`, values.count);
  try {
    if (await values.seekFirst()) await part.processor.fit(values.read());
  } catch (error) {
    throw saidOf(error, `${values.where}, ${part.name}`);
  } finally {
    progress.stop();
  }
}

/** The raw values of a part, source by source in their order, and where reading them has come to. */
class ValuesOf {
  #index = 0;

  readonly #part: LearningPart;
  readonly #sources: readonly { readonly name: string; readonly dataset: Dataset }[];
  readonly #options: FitOptions;
  /** Samples of all sources. */
  readonly count: number;

  constructor(part: LearningPart, sources: ReadonlyMap<string, Dataset>, options: FitOptions) {
    this.#part = part;
    this.#sources = [...sources].map(([name, dataset]) => ({ name, dataset }));
    this.#options = options;
    this.count = this.#sources.reduce((sum, { dataset }) => sum + dataset.length, 0);
  }

  /** How error messages call the sample. */
  get where(): string {
    const { name, index } = this.#place;
    return `${name}, sample ${index}`;
  }

  /** Whether there is a value. {@link read} then begins with the first, without reading again what lies before it. */
  async seekFirst(): Promise<boolean> {
    for (; this.#index < this.count; this.#index++) {
      if (this.#isPresent(await this.#value())) return true;
    }
    return false;
  }

  async *read(): AsyncGenerator<unknown> {
    for (; this.#index < this.count; this.#index++) {
      const value = await this.#value();
      this.#options.progress.update(this.#index + 1);
      if (this.#isPresent(value)) yield value;
    }
  }

  #isPresent(value: unknown): boolean {
    return value !== undefined && value !== null && !this.#part.processor.isAbsent?.(value);
  }

  async #value(): Promise<unknown> {
    this.#options.signal?.throwIfAborted();
    const { dataset, index } = this.#place;
    const { where } = this;
    return this.#part.rawOf(await readSample(dataset, index, where), where);
  }

  /** The source and sample that reading has come to; at the end the last. */
  get #place() {
    let index = Math.min(this.#index, this.count - 1);
    const own = this.#sources.find(({ dataset }) => {
      if (index < dataset.length) return true;
      index -= dataset.length;
      return false;
    });
    return { ...own!, index };
  }
}

/** What a processor threw, said of the sample that it had come to. */
function saidOf(error: unknown, where: string): unknown {
  if (PolymodalError.isInstance(error)) return error.where === undefined ? error.at(where) : error;
  return asSampleError(error, where, 'values that its processor can learn from');
}
