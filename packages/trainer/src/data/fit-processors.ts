import { asSampleError, type Model, PolymodalError } from '@polymodal/core';
import type { ProgressBar } from '../progress';
import type { Dataset } from './dataset';
import { type LearningPart, learningParts } from './learning-parts';
import { readSample } from './read-sample';

/** How {@link fitProcessors} reads a dataset. */
export interface FitOptions {
  /** How error messages call the samples. */
  readonly name: string;
  readonly progress: ProgressBar;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Lets those processors of a model learn that have to and have not, each from the values of its slot or target in the dataset. One
 * of whose slot there is no value is left as it is: nothing of the dataset needs it.
 *
 * @throws SampleError naming the sample whose value cannot be read
 */
export async function fitProcessors(model: Model, dataset: Dataset, options: FitOptions): Promise<void> {
  for (const part of learningParts(model)) {
    if (!part.processor.fitted) await fitProcessor(part, dataset, options);
  }
}

async function fitProcessor(part: LearningPart, dataset: Dataset, options: FitOptions): Promise<void> {
  const { name, progress } = options;
  progress.start(`Fitting ${part.name} to ${name}`, dataset.length);
  const values = new ValuesOf(part, dataset, options);
  try {
    if (await values.seekFirst()) await part.processor.fit(values.read());
  } catch (error) {
    throw saidOf(error, `${name}, sample ${values.index}, ${part.name}`);
  } finally {
    progress.stop();
  }
}

/** The raw values of a part, in the dataset's order, and where reading them has come to. */
class ValuesOf {
  index = 0;

  readonly #part: LearningPart;
  readonly #dataset: Dataset;
  readonly #options: FitOptions;

  constructor(part: LearningPart, dataset: Dataset, options: FitOptions) {
    this.#part = part;
    this.#dataset = dataset;
    this.#options = options;
  }

  /** Whether there is a value. {@link read} then begins with the first, without reading again what lies before it. */
  async seekFirst(): Promise<boolean> {
    for (; this.index < this.#dataset.length; this.index++) {
      if (this.#isPresent(await this.#value())) return true;
    }
    return false;
  }

  async *read(): AsyncGenerator<unknown> {
    for (; this.index < this.#dataset.length; this.index++) {
      const value = await this.#value();
      this.#options.progress.update(this.index + 1);
      if (this.#isPresent(value)) yield value;
    }
  }

  #isPresent(value: unknown): boolean {
    return value !== undefined && value !== null && !this.#part.processor.isAbsent?.(value);
  }

  async #value(): Promise<unknown> {
    const { name, signal } = this.#options;
    signal?.throwIfAborted();
    const where = `${name}, sample ${this.index}`;
    return this.#part.rawOf(await readSample(this.#dataset, this.index, where), where);
  }
}

/** What a processor threw, said of the sample that it had come to. */
function saidOf(error: unknown, where: string): unknown {
  if (PolymodalError.isInstance(error)) return error.where === undefined ? error.at(where) : error;
  return asSampleError(error, where, 'values that its processor can learn from');
}
