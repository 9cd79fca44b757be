import { type Features, type Model, type PreparedSample, RandomKey, type Sample } from '@polymodal/core';
import type { Classification } from '@polymodal/heads';
import { noisyPicture, noisyRecording, noisyRows, noisyText } from './noise/add-noise';
import type { NoiseKind, Task } from './tasks/task';

/** Where the value of a slot comes from: of which test sample, and with how much noise. */
interface Source {
  readonly row: number;
  readonly sigma: number;
}

/** What a test sample is shown as: for each slot that it has, a source. */
export type View = (row: number) => Readonly<Record<string, Source>>;

/** How much noise there is. */
export const sigmas = [0, 0.25, 0.5, 0.75, 1] as const;

/**
 * The test of a task, prepared once: every value at every strength of noise. Whatever a model is tested on is put together from these
 * features, and nothing is prepared twice.
 */
export class TestFeatures {
  readonly #features: ReadonlyMap<string, readonly Features[]>;
  readonly #targets: readonly PreparedSample['targets'][];
  readonly #truths: readonly number[];

  private constructor(
    features: ReadonlyMap<string, readonly Features[]>,
    targets: readonly PreparedSample['targets'][],
    truths: readonly number[],
  ) {
    this.#features = features;
    this.#targets = targets;
    this.#truths = truths;
  }

  /** With the processors of a model, which are those of all models of the task. */
  static async prepare(model: Model, { test, noise, labels }: Task): Promise<TestFeatures> {
    const features = new Map<string, Features[]>();
    for (const slot of model.modalities) {
      const kind = noise?.[slot];
      for (const sigma of kind ? sigmas : [0]) {
        const own: Features[] = [];
        for (const [row, sample] of test.entries()) {
          const key = RandomKey.from(0)
            .fold('noise')
            .fold(slot)
            .fold(sigmas.indexOf(sigma as 0))
            .fold(row);
          const value = kind ? addNoise[kind](sample[slot] as never, sigma, key) : sample[slot];
          own.push((await model.prepare({ [slot]: value })).features[slot]);
        }
        features.set(nameOf(slot, sigma), own);
      }
    }
    const prepared = await Promise.all(
      test.map(({ targets, ...sample }) => model.prepare({ ...firstOf(sample), targets })),
    );
    return new TestFeatures(
      features,
      prepared.map(({ targets }) => targets),
      test.map(({ targets }) => labels.indexOf(String(targets?.answer))),
    );
  }

  get rows(): number[] {
    return [...this.#truths.keys()];
  }

  /** The class of each row. */
  get truths(): readonly number[] {
    return this.#truths;
  }

  /** The class that a model answers for each row, as it is shown. */
  async answers(model: Model, view: View): Promise<number[]> {
    const samples = this.rows.map((row): PreparedSample => {
      const shown = Object.entries(view(row)).map(([slot, { row: from, sigma }]) => [
        slot,
        this.#features.get(nameOf(slot, sigma))![from],
      ]);
      return { features: Object.fromEntries(shown), targets: this.#targets[row] };
    });
    const predictions = await model.predictPrepared(samples, { heads: ['answer'], batchSize: 250 });
    return predictions.map((prediction) => (prediction.answer as Classification).index);
  }

  /** The share of right answers. */
  async accuracy(model: Model, view: View): Promise<number> {
    const answers = await this.answers(model, view);
    return answers.filter((answer, row) => answer === this.#truths[row]).length / answers.length;
  }
}

const addNoise: Readonly<Record<NoiseKind, (raw: never, sigma: number, key: RandomKey) => unknown>> = {
  picture: noisyPicture,
  recording: noisyRecording,
  text: noisyText,
  rows: noisyRows,
};

function nameOf(slot: string, sigma: number): string {
  return `${slot} ${sigma}`;
}

/** One of a sample's values: the least that it can be prepared with. */
function firstOf(values: Sample): Sample {
  return Object.fromEntries(Object.entries(values).slice(0, 1));
}
