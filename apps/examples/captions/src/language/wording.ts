import { languages as phrases, putInWords } from '@polymodal/example-scenes/language/phrases';
import type { Colour, Shape } from '@polymodal/example-scenes/scene/edition';
import type { Question } from '@polymodal/example-scenes/scene/question';
import type { SceneObject } from '@polymodal/example-scenes/scene/scene';

/** In which captions and answers are given, by BCP 47 tag. */
export const tags = ['en', 'de', 'es'] as const;

/** One of the {@link tags}. */
export type Tag = (typeof tags)[number];

/** What is said in one language. */
interface Wording {
  /** What asks for a caption. */
  readonly describe: string;
  readonly shapes: Readonly<Record<Shape, string>>;
  readonly and: string;
  readonly yes: string;
  readonly no: string;
  /** An object with its article: "a red circle". */
  readonly object: (colour: Colour, shape: Shape) => string;
}

const englishShapes = { circle: 'circle', square: 'square', triangle: 'triangle' };
const germanShapes = { circle: 'Kreis', square: 'Quadrat', triangle: 'Dreieck' };
const spanishShapes = { circle: 'círculo', square: 'cuadrado', triangle: 'triángulo' };
/** To which an ending is added: -er of der Kreis, -es of das Quadrat and das Dreieck. */
const germanColours: Readonly<Record<Colour, string>> = {
  red: 'rot',
  green: 'grün',
  blue: 'blau',
  yellow: 'gelb',
  purple: 'violett',
  orange: 'orangefarben',
  gray: 'grau',
};

const wordings: Readonly<Record<Tag, Wording>> = {
  en: {
    describe: 'Describe the scene from left to right.',
    shapes: englishShapes,
    ...{ and: 'and', yes: 'yes', no: 'no' },
    object: (colour, shape) => `${colour === 'orange' ? 'an' : 'a'} ${colour} ${englishShapes[shape]}`,
  },
  de: {
    describe: 'Beschreibe die Szene von links nach rechts.',
    shapes: germanShapes,
    ...{ and: 'und', yes: 'ja', no: 'nein' },
    object: (colour, shape) => `ein ${germanColours[colour]}${shape === 'circle' ? 'er' : 'es'} ${germanShapes[shape]}`,
  },
  es: {
    describe: 'Describe la escena de izquierda a derecha.',
    shapes: spanishShapes,
    ...{ and: 'y', yes: 'sí', no: 'no' },
    object: (colour, shape) => `un ${spanishShapes[shape]} ${phrasesOf('es').colours[colour]}`,
  },
};

/** Names of colours and shapes. */
export type Named = Pick<SceneObject, 'colour' | 'shape'>;

/** What asks for a caption in a language. */
export function captionPrompt(tag: Tag): string {
  return wordings[tag].describe;
}

/** Objects in their order: "a red circle, a blue square and a green triangle". */
export function captionOf(objects: readonly Named[], tag: Tag): string {
  const named = objects.map(({ colour, shape }) => wordings[tag].object(colour, shape));
  return [named.slice(0, -1).join(', '), ...named.slice(-1)]
    .filter((part) => part !== '')
    .join(` ${wordings[tag].and} `);
}

/** A question about a scene in a language. */
export function questionIn(question: Question, tag: Tag): string {
  return putInWords(question, phrasesOf(tag));
}

/** A class of answers, a shape or yes or no, in a language. */
export function answerIn(answer: string, tag: Tag): string {
  const { yes, no, shapes } = wordings[tag];
  const words: Readonly<Record<string, string>> = { yes, no, ...shapes };
  return words[answer];
}

function phrasesOf(tag: Tag) {
  return phrases.find((own) => own.tag === tag)!;
}

/** Where an object stands, from left to right. */
export const places = ['left', 'middle', 'right'] as const;

/** What the speaker says of an object, in English: "A red circle on the left." */
export function spokenSentence(object: Named, place: number): string {
  const words = captionOf([object], 'en');
  const where = place === 1 ? 'in the middle' : `on the ${places[place]}`;
  return `${words[0].toUpperCase()}${words.slice(1)} ${where}.`;
}
