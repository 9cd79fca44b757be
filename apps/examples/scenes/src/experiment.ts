import { costOf, type Model, type Sample } from '@polymodal/core';
import { startFrom, train } from '@polymodal/trainer';
import type { ScenesData } from './data/make-data';
import type { SceneSample } from './data/scene-sample';
import { learnMeanings, utterancesOf } from './hearing';
import type { Edition } from './scene/edition';
import type { QuestionKind } from './scene/question';
import { isCausal, type Method, type ModelSetup, newLayers, scenesModel, seeing, takesOneVector } from './scenes-model';

/** One training, in a folder of its own. */
export interface Experiment {
  readonly method: Method;
  readonly setup: ModelSetup;
  readonly epochs: number;
  readonly directory: string;
  /** Run of encoders that see and read already; without, all begins with random weights. */
  readonly perception?: string | undefined;
  /** Run of an encoder that hears already, where questions are to be asked by voice too. */
  readonly hearing?: string | undefined;
}

/** Right answers among questions that were asked. */
interface Right {
  readonly right: number;
  readonly asked: number;
}

/** Those among questions of each group. */
export type RightBy<Group extends string> = Readonly<Partial<Record<Group, Right>>>;

/** Those among questions of each kind. */
export type RightByKind = RightBy<QuestionKind>;

/** Those among spoken questions: of each kind, and asked by each voice. */
interface RightSpoken {
  readonly byKind: RightByKind;
  readonly byVoice: RightBy<string>;
}

/** What a training came to. */
export interface Figures {
  readonly edition: Edition;
  readonly right: RightByKind;
  /** Of questions spoken by voices that were never heard in training. */
  readonly spoken?: RightSpoken;
  /**
   * The same with one of the two left out, or that of another scene in its place: what can be known without it. A method that cannot do
   * without something has no figures there.
   */
  readonly controls: Readonly<
    Record<'without picture' | 'without question' | 'other picture', RightByKind | undefined>
  >;
  readonly parameters: number;
  /** Of one question about one picture. */
  readonly multiplyAdds: number;
  readonly seconds: number;
}

/** Trains one model and measures it on the test data. What is finished or half done is gone on with. */
export async function runExperiment(run: Experiment, data: ScenesData, signal: AbortSignal): Promise<Figures> {
  const { method, setup, perception, hearing } = run;
  const model = scenesModel(method, setup);
  try {
    // What there is over: an encoder of questions that is causal, so that its tokens know less of one another, begins anew.
    const rest = ['fusion', 'heads', ...(isCausal(method) ? ['encoders.text'] : [])];
    if (perception !== undefined) {
      await startFrom(model, perception, { mayBeNew: [...rest, ...newLayers], mayBeLeft: rest });
    }
    const known = perception === undefined ? [] : [...seeing, ...(isCausal(method) ? [] : ['encoders.text'])];
    const seconds = await learnToAnswer(model, run, { data: taught(model, data.train, written), known, signal });
    const spoken =
      hearing !== undefined && !isCausal(method) ? await askByVoice(run, hearing, data, signal) : undefined;
    const { parameters, multiplyAdds } = await costOf(model, [written(data.test[0])]);
    return {
      edition: setup.edition,
      right: await measure(model, data.test, written),
      ...(spoken && { spoken }),
      controls: await control(model, data.test.slice(0, controlQuestions)),
      parameters: Object.values(parameters).reduce((sum, own) => sum + own, 0),
      multiplyAdds,
      seconds,
    };
  } finally {
    model.dispose();
  }
}

/** Test questions that the controls are measured with. */
const controlQuestions = 2000;

/**
 * The same model with another encoder of questions, one of speech, which learns to be understood. Where a fusion takes one vector of a question,
 * that is learned without pictures; else by answering.
 */
async function askByVoice(
  run: Experiment,
  hearing: string,
  { train: samples, test }: ScenesData,
  signal: AbortSignal,
): Promise<RightSpoken> {
  const { method, setup, directory: trained } = run;
  const directory = `${trained}-spoken`;
  const model = scenesModel(method, { ...setup, spoken: true });
  try {
    const rest = ['encoders.image', 'fusion', 'heads'];
    await startFrom(model, trained, { mayBeNew: ['encoders.text'], mayBeLeft: ['encoders.text'] });
    const hear = (from: string) => startFrom(model, from, { mayBeNew: rest, mayBeLeft: ['fusion', 'heads'] });
    if (takesOneVector(method)) {
      await learnMeanings({ setup, epochs: 24, directory }, { hearing, trained }, utterancesOf(samples), signal);
      await hear(directory);
    } else {
      await hear(hearing);
      const spokenRun = { ...run, directory };
      await learnToAnswer(model, spokenRun, { data: taught(model, samples, spoken), known: rest, signal });
    }
    const right = await rightAnswers(model, test, spoken);
    return {
      byKind: countRight(test, right, ({ kind }) => kind),
      byVoice: countRight(test, right, ({ voice }) => voice!),
    };
  } finally {
    model.dispose();
  }
}

/** What is learned from. */
interface Lesson {
  readonly data: readonly Sample[];
  /** Parts of the model that know something: large steps would undo that, as long as the rest knows nothing. */
  readonly known: readonly string[];
  readonly signal: AbortSignal;
}

async function learnToAnswer(
  model: Model,
  { method, epochs, directory, setup }: Experiment,
  { data, known, signal }: Lesson,
): Promise<number> {
  const isFilm = method === 'film' || method === 'mutual-film';
  const learningRate = isFilm ? 3e-3 : 1e-3; // Transformers, of which most methods are made, take smaller steps
  const { seconds } = await train(model, {
    data,
    epochs,
    batchSize: 64,
    together: 'image',
    learningRate,
    parameterGroups: known.map((match) => ({ match, learningRate: learningRate / 10 })),
    warmup: 0.02,
    seed: setup.seed,
    directory,
    signal,
  });
  signal.throwIfAborted();
  return seconds;
}

function written({ image, text }: SceneSample): Sample {
  return { image, text };
}

function spoken({ image, audio }: SceneSample): Sample {
  return { image, text: audio };
}

/** Questions with what the heads of a model are to learn of them. */
function taught(
  model: Model,
  samples: readonly SceneSample[],
  ask: (sample: SceneSample) => Sample,
): readonly Sample[] {
  return samples.map((sample) => {
    const { answer, evidence } = sample.targets;
    return { ...ask(sample), targets: 'evidence' in model.heads ? { answer, evidence } : { answer } };
  });
}

async function control(model: Model, test: readonly SceneSample[]): Promise<Figures['controls']> {
  const without = (modalities: readonly string[], ask: (sample: SceneSample, index: number) => Sample) =>
    model.canRun('answer', modalities) ? measure(model, test, ask) : undefined;
  return {
    'without picture': await without(['text'], ({ text }) => ({ text })),
    'without question': await without(['image'], ({ image }) => ({ image })),
    'other picture': await measure(model, test, ({ text }, index) => ({
      text,
      image: otherPicture(test, index),
    })),
  };
}

/** Of the scene after that of a sample. */
function otherPicture(samples: readonly SceneSample[], index: number): SceneSample['image'] {
  const own = samples[index].source.scene;
  const other = samples.findIndex(({ source }, at) => at > index && source.scene !== own);
  return samples[Math.max(other, 0)].image;
}

async function measure(
  model: Model,
  samples: readonly SceneSample[],
  ask: (sample: SceneSample, index: number) => Sample,
): Promise<RightByKind> {
  return countRight(samples, await rightAnswers(model, samples, ask), ({ kind }) => kind);
}

/** Of each question, whether it is answered right. */
async function rightAnswers(
  model: Model,
  samples: readonly SceneSample[],
  ask: (sample: SceneSample, index: number) => Sample,
): Promise<boolean[]> {
  const answers = await model.predict(samples.map(ask), { batchSize: 128, heads: ['answer'] });
  return answers.map(({ answer }, index) => (answer as { label: string }).label === samples[index].targets.answer);
}

function countRight<Group extends string>(
  samples: readonly SceneSample[],
  isRight: readonly boolean[],
  groupOf: (source: SceneSample['source']) => Group,
): RightBy<Group> {
  const counts: Partial<Record<Group, Right>> = {};
  samples.forEach(({ source }, index) => {
    const group = groupOf(source);
    const { right, asked } = counts[group] ?? { right: 0, asked: 0 };
    counts[group] = { right: right + Number(isRight[index]), asked: asked + 1 };
  });
  return counts;
}
