import type { RandomKey } from '@polymodal/core';
import { misspell, type Split, slipsOf, type TypingErrors } from '@polymodal/example-material';
import { type Language, languages, putInWords } from '../language/phrases';
import { allQuestions } from '../scene/all-questions';
import { drawPicture } from '../scene/draw-picture';
import type { Edition } from '../scene/edition';
import { ask } from '../scene/question';
import { drawScene } from '../scene/scene';
import type { QuestionSpeech } from './question-speech';
import type { SceneSample } from './scene-sample';

/** What the samples of a split are made of. */
export interface ScenesRecipe {
  readonly edition: Edition;
  readonly split: Split;
  readonly scenes: number;
  /** Questions about each scene. */
  readonly questions: number;
  /** In which questions are put, each as often as the others. */
  readonly languages: readonly Language[];
  /** Left out, nobody errs. */
  readonly typingErrors?: TypingErrors | undefined;
  /** Left out, questions are in writing alone. */
  readonly speech?: QuestionSpeech | undefined;
  readonly key: RandomKey;
}

/** Draws scenes and asks about each: as many samples as questions, those about a scene one after the other. */
export function makeScenes({ edition, split, scenes, questions, ...recipe }: ScenesRecipe): SceneSample[] {
  const kinds = [...edition.questions.nonRelational, ...edition.questions.relational];
  const sentences = spokenSentences(edition);
  const voices = recipe.speech?.[split];
  const samples: SceneSample[] = [];
  for (let index = 0; index < scenes; index++) {
    const own = recipe.key.fold(split).fold(index);
    const scene = drawScene(edition, own.fold('scene'));
    const image = drawPicture(scene, edition.size);
    for (let n = 0; n < questions; n++) {
      const here = own.fold('questions').fold(n);
      const question = ask(scene, kinds, edition, here);
      const language = recipe.languages[here.fold('language').integer(0, recipe.languages.length)];
      const voice = voices?.[here.fold('voice').integer(0, voices.length)];
      const spoken = voice?.[sentences.indexOf(putInWords(question, english))];
      samples.push({
        image,
        text: typed(putInWords(question, language), language, recipe.typingErrors, here.fold('typing')),
        ...(spoken && { audio: { samples: spoken.samples, sampleRate: spoken.sampleRate } }),
        targets: { answer: question.answer, evidence: { subject: question.subject, others: question.others }, scene },
        source: {
          scene: index,
          kind: question.kind,
          subject: question.subject.colour,
          ...(question.other && { other: question.other.colour }),
          language: language.tag,
          ...(spoken && { voice: spoken.voice }),
        },
      });
    }
  }
  return samples;
}

/** All questions of an edition in English: what voices have to say. */
export function spokenSentences(edition: Edition): string[] {
  return [...new Set(allQuestions(edition).map((question) => putInWords(question, english)))];
}

const [english] = languages;

function typed(text: string, language: Language, errors: TypingErrors | undefined, key: RandomKey): string {
  return errors ? misspell(text, slips.get(language)!, errors, key) : text;
}

const slips = new Map(
  languages.map((language) => [language, slipsOf({ ...language, words: Object.values(language.questions) })]),
);
