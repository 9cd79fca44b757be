import type { RandomKey, Sample } from '@polymodal/core';
import type { QuestionSpeech } from '@polymodal/example-scenes/data/question-speech';
import type { Recording } from '@polymodal/example-scenes/data/scene-sample';
import type { Picture } from '@polymodal/example-scenes/scene/draw-picture';
import { ask } from '@polymodal/example-scenes/scene/question';
import type { Dataset } from '@polymodal/trainer';
import { answerIn, captionOf, captionPrompt, places, questionIn, type Tag, tags } from '../language/wording';
import { drawView } from './draw-view';
import { sentenceOf, spoken } from './speech';
import { drawTwoViews, edition, shownObjects, type TwoViews } from './two-views';

/** What is asked for: a caption, or the answer to a question of a kind. */
export const tasks = ['caption', 'shape', 'left-of'] as const;

/** One of the {@link tasks}. */
export type Task = (typeof tasks)[number];

/** A scene that is shown and told of, with what is to be written. */
export interface ViewedSample extends Sample {
  readonly image: Picture;
  /** What the speaker says, a sentence for each object that he names. */
  readonly audio: readonly Recording[];
  /** The prompt: what asks for a caption, or a question, in the language of the answer. */
  readonly text: string;
  readonly targets: { readonly answer: string };
  readonly meta: {
    readonly views: TwoViews;
    readonly task: Task;
    readonly tag: Tag;
    /** Place of the object that the question is about. */
    readonly subject?: number;
    /** Place of the one that it is compared with. */
    readonly other?: number;
  };
}

/** Where samples come from: what voices say, and the split. */
export interface SampleRecipe {
  readonly voices: QuestionSpeech[keyof QuestionSpeech];
  readonly key: RandomKey;
}

/** Something to write about a scene: a task in a language. */
export function drawSample(task: Task, tag: Tag, { voices, key }: SampleRecipe): ViewedSample {
  const views = drawTwoViews(key.fold('views'));
  const { objects, told } = views;
  const voice = voices[key.fold('voice').integer(0, voices.length)];
  const seenAndHeard = {
    image: drawView(views, key.fold('screen')),
    audio: told.map((place) => recordingOf(voice[sentenceOf(objects[place], place)])),
  };
  if (task === 'caption') {
    const [text, answer] = [captionPrompt(tag), captionOf(objects, tag)];
    return { ...seenAndHeard, text, targets: { answer }, meta: { views, task, tag } };
  }
  const question = ask({ objects }, [task], edition, key.fold('question'));
  return {
    ...seenAndHeard,
    text: questionIn(question, tag),
    targets: { answer: answerIn(question.answer, tag) },
    meta: {
      ...{ views, task, tag, subject: objects.indexOf(question.subject) },
      ...(question.other && { other: objects.indexOf(question.other) }),
    },
  };
}

/** Scenes to learn from: captions and questions in turn, the language drawn. */
export function trainingSamples(length: number, recipe: SampleRecipe): Dataset {
  return {
    length,
    get(index) {
      const key = recipe.key.fold(index);
      const asked = key.fold('task').integer(0, 4);
      const { image, audio, text, targets } = drawSample(
        tasks[Math.max(0, asked - 1)], // a caption as often as a question
        tags[key.fold('language').integer(0, tags.length)],
        { ...recipe, key },
      );
      return { image, audio, text, targets };
    },
  };
}

/** Scenes to measure with, each asked for one task in one language, all equally often. */
export function testSamples(task: Task, tag: Tag, count: number, { voices, key }: SampleRecipe): ViewedSample[] {
  const own = key.fold(task).fold(tag);
  return Array.from({ length: count }, (_, index) => drawSample(task, tag, { voices, key: own.fold(index) }));
}

/** Pictures by themselves, of which the layout of what they show is to be told. */
export function pictures(length: number, key: RandomKey): Dataset {
  return {
    length,
    get(index): Sample {
      const own = key.fold(index);
      const views = drawTwoViews(own.fold('views'));
      return { image: drawView(views, own.fold('screen')), targets: { layout: { objects: shownObjects(views) } } };
    },
  };
}

/** What voices say by itself: each sentence of each voice once, of which is to be told what it names. */
export function sentences(voices: SampleRecipe['voices']): Dataset {
  return {
    length: voices.length * spoken.length,
    get(index): Sample {
      const { colour, shape, place } = spoken[index % spoken.length];
      const recording = voices[Math.floor(index / spoken.length)][index % spoken.length];
      return { audio: [recordingOf(recording)], targets: { colour, shape, place: places[place] } };
    },
  };
}

function recordingOf({ samples, sampleRate }: Recording): Recording {
  return { samples, sampleRate };
}
