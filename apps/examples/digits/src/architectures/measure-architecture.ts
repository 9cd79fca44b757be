import { costOf, isRecord, type Model, RandomKey } from '@polymodal/core';
import { saveModel } from '@polymodal/core/node';
import { train } from '@polymodal/trainer';
import { digitOf } from '../answers';
import { type DigitsData, modalities, type SampleList } from '../data';
import type { Modality } from '../digits-model';
import { allDigits } from '../samples';
import type { Architecture } from './architecture';

/** What one architecture came to. */
export interface ArchitectureFigures {
  /** Of the model over all three. */
  readonly parameters: number;
  /** Seconds that its training took. */
  readonly seconds: number;
  /** Accuracy on the test data, and multiply-adds of a sample, by what is there of it: `image+text`. */
  readonly subsets: Readonly<Record<string, { readonly accuracy: number; readonly multiplyAdds: number }>>;
  /** The same architecture over pictures and words, to which sound is added. */
  readonly adding: Adding;
}

/** What it costs to add a modality to a model that has learned, when what is new learns alone. */
interface Adding {
  /** Parameters that are new, and their share of those of the wider model. */
  readonly newParameters: number;
  readonly share: number;
  readonly seconds: number;
  /** Accuracy before, and of the wider model. */
  readonly before: Readonly<Record<string, number>>;
  readonly after: Readonly<Record<string, number>>;
  /** The share of test samples without sound whose answer is another one than before. */
  readonly changed: number;
}

/** How long models learn, and where they are kept. */
export interface Budget {
  readonly epochs: number;
  readonly seed: number;
  /** The path of a folder of the architecture, but for its ending, one of {@link endings}. */
  readonly folder: string;
  readonly signal: AbortSignal;
}

/** By training: of the whole model, of that over two modalities, and of what is added to it. The last is a saved model. */
export const endings = { all: '-all', two: '-two', added: '-added', saved: '-two-saved' } as const;

/** Trains and measures one. What is finished or half done is gone on with. */
export async function measureArchitecture(
  architecture: Architecture,
  data: DigitsData,
  budget: Budget,
): Promise<ArchitectureFigures> {
  const whole = architecture.model(modalities, budget.seed);
  const seconds = await learn(whole, architecture, data, modalities, budget, 'all');
  const accuracy = accuracies(await answersTo(whole, architecture, data.test, subsetsOf(modalities)), data.test);
  const subsets: Record<string, { accuracy: number; multiplyAdds: number }> = {};
  for (const subset of subsetsOf(modalities)) {
    const { multiplyAdds } = await costOf(whole, [architecture.toSample(data.test.get(0), subset)]);
    subsets[nameOf(subset)] = { accuracy: accuracy[nameOf(subset)], multiplyAdds };
  }
  const parameters = sizeOf(whole);
  whole.dispose();
  return { parameters, seconds, subsets, adding: await measureAdding(architecture, data, budget) };
}

async function measureAdding(architecture: Architecture, data: DigitsData, budget: Budget): Promise<Adding> {
  const two = ['image', 'text'] as const;
  const model = architecture.model(two, budget.seed);
  await learn(model, architecture, data, two, budget, 'two');
  const saved = budget.folder + endings.saved;
  await saveModel(model, saved);
  const before = await answersTo(model, architecture, data.test, subsetsOf(two));

  const { model: wider, newParameters } = await architecture.widen(model, 'audio', saved);
  const seconds = await learn(wider, architecture, data, modalities, budget, 'added', newParameters);
  const after = await answersTo(wider, architecture, data.test, subsetsOf(modalities));
  const pairs = Object.keys(before).flatMap((subset) =>
    before[subset].map((digit, index) => digit !== after[subset][index]),
  );
  const parameters = wider.parameters();
  const own = newParameters.reduce((sum, path) => sum + parameters.get(path)!.size, 0);
  const figures: Adding = {
    newParameters: own,
    share: own / sizeOf(wider),
    seconds,
    before: accuracies(before, data.test),
    after: accuracies(after, data.test),
    changed: pairs.filter(Boolean).length / pairs.length,
  };
  model.dispose();
  wider.dispose();
  return figures;
}

/** Trains in a folder of its own, from where that was left. */
async function learn(
  model: Model,
  { toSample, modalityDropout, withoutWord }: Architecture,
  { train: samples }: DigitsData,
  slots: readonly Modality[],
  { epochs, seed, folder, signal }: Budget,
  name: keyof typeof endings,
  learning?: readonly string[],
): Promise<number> {
  const key = RandomKey.from(seed).fold('without word');
  const hasWord = (index: number) => key.fold(index).uniform(1)[0] >= withoutWord;
  const withoutText = slots.filter((slot) => slot !== 'text');
  const { seconds, status } = await train(model, {
    data: {
      length: samples.length,
      get: (index) => toSample(samples.get(index), hasWord(index) ? slots : withoutText),
    },
    ...(learning && { train: learning }),
    epochs,
    batchSize: 64,
    learningRate: 1.5e-3,
    weightDecay: 0.05,
    modalityDropout: isRecord(modalityDropout) ? pick(modalityDropout, slots) : modalityDropout,
    seed,
    directory: folder + endings[name],
    signal,
  });
  if (status === 'interrupted') signal.throwIfAborted();
  return seconds;
}

/** What is said of some modalities. */
function pick(bySlot: Readonly<Record<string, number>>, slots: readonly string[]): Record<string, number> {
  return Object.fromEntries(Object.entries(bySlot).filter(([slot]) => slots.includes(slot)));
}

/** The digit that is answered for each test sample, by what is there of it. */
async function answersTo(
  model: Model,
  { answersOf, toSample }: Architecture,
  test: SampleList,
  subsets: readonly (readonly Modality[])[],
): Promise<Record<string, number[]>> {
  const answers: Record<string, number[]> = {};
  for (const subset of subsets) {
    const rows = await answersOf(model)(allDigits(test).map((digit) => toSample(digit, subset)));
    answers[nameOf(subset)] = rows.map(digitOf);
  }
  return answers;
}

/** The share of answers that are right, by what is there. */
function accuracies(answers: Readonly<Record<string, readonly number[]>>, test: SampleList): Record<string, number> {
  const digits = allDigits(test).map(({ targets }) => targets.digit);
  return Object.fromEntries(
    Object.entries(answers).map(([subset, own]) => [
      subset,
      own.filter((digit, index) => digit === digits[index]).length / digits.length,
    ]),
  );
}

/** Every combination of some modalities but none, the smaller ones first. */
function subsetsOf(slots: readonly Modality[]): Modality[][] {
  return Array.from({ length: 2 ** slots.length - 1 }, (_, bits) =>
    slots.filter((_, bit) => ((bits + 1) >> bit) % 2 === 1),
  ).sort((a, b) => a.length - b.length);
}

function nameOf(subset: readonly Modality[]): string {
  return subset.join('+');
}

function sizeOf(model: Model): number {
  return [...model.parameters().values()].reduce((sum, { size }) => sum + size, 0);
}
