import { costOf, type Model, type Sample } from '@polymodal/core';
import { train } from '@polymodal/trainer';
import type { ScenesData } from './data/make-data';
import type { SceneSample } from './data/scene-sample';
import type { Edition } from './scene/edition';
import type { QuestionKind } from './scene/question';
import { type Method, scenesModel } from './scenes-model';

/** One training, in a folder of its own. */
export interface Experiment {
  readonly method: Method;
  readonly edition: Edition;
  readonly seed: number;
  readonly epochs: number;
  readonly directory: string;
}

/** Right answers among questions of each kind that were asked. */
export type RightByKind = Readonly<Partial<Record<QuestionKind, { readonly right: number; readonly asked: number }>>>;

/** What a training came to. */
export interface Figures {
  readonly edition: Edition;
  readonly right: RightByKind;
  /** The same with one of the two left out, or that of another scene in its place: what can be known without it. */
  readonly controls: Readonly<Record<'without picture' | 'without question' | 'other picture', RightByKind>>;
  readonly parameters: number;
  /** Of one question about one picture. */
  readonly multiplyAdds: number;
  readonly seconds: number;
}

/** Trains one model and measures it on the test data. What is finished or half done is gone on with. */
export async function runExperiment(run: Experiment, data: ScenesData, signal: AbortSignal): Promise<Figures> {
  const { method, edition, seed, epochs, directory } = run;
  const model = scenesModel(method, edition, seed);
  try {
    const { seconds } = await train(model, {
      data: data.train.map(toSample),
      epochs,
      batchSize: 128,
      learningRate: 2e-3,
      warmup: 0.1,
      seed,
      directory,
      signal,
    });
    signal.throwIfAborted();
    const { test } = data;
    const { parameters, multiplyAdds } = await costOf(model, [toSample(test[0])]);
    return {
      edition,
      right: await measure(model, test, toSample),
      controls: {
        'without picture': await measure(model, test, ({ text }) => ({ text })),
        'without question': await measure(model, test, ({ image }) => ({ image })),
        'other picture': await measure(model, test, ({ text }, index) => ({ text, image: otherPicture(test, index) })),
      },
      parameters: Object.values(parameters).reduce((sum, own) => sum + own, 0),
      multiplyAdds,
      seconds,
    };
  } finally {
    model.dispose();
  }
}

function toSample({ image, text, targets: { answer } }: SceneSample): Sample {
  return { image, text, targets: { answer } };
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
  const answers = await model.predict(samples.map(ask));
  const right: Partial<Record<QuestionKind, { right: number; asked: number }>> = {};
  samples.forEach(({ source, targets }, index) => {
    const { right: before, asked } = right[source.kind] ?? { right: 0, asked: 0 };
    const isRight = (answers[index].answer as { label: string }).label === targets.answer;
    right[source.kind] = { right: before + Number(isRight), asked: asked + 1 };
  });
  return right;
}
