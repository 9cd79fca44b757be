import type { Colour } from '../scene/edition';
import type { Question, QuestionKind } from '../scene/question';

/** The forms of a colour's name that questions need where they differ: as in "the red object" and as in "of the red one". */
type ColourForms = readonly [subject: string, oblique: string];

/** How questions are put in one language. */
export interface Language {
  /** BCP 47 tag. */
  readonly tag: string;
  readonly colours: Readonly<Record<Colour, string | ColourForms>>;
  /** With `{subject}`, `{of-subject}` and `{of-other}` where a colour stands. */
  readonly questions: Readonly<Record<QuestionKind, string>>;
  /** Rows of the usual keyboard, for the errors that fingers make; absent where words are not typed letter by letter. */
  readonly keyboard?: readonly string[];
}

/** English, German, Spanish and Chinese, as native speakers write them. */
export const languages: readonly Language[] = [
  {
    tag: 'en',
    keyboard: ['qwertyuiop', 'asdfghjkl', 'zxcvbnm'],
    colours: {
      red: 'red',
      green: 'green',
      blue: 'blue',
      yellow: 'yellow',
      purple: 'purple',
      orange: 'orange',
      gray: 'gray',
    },
    questions: {
      shape: 'What shape is the {subject} object?',
      'left-half': 'Is the {subject} object in the left half?',
      'upper-half': 'Is the {subject} object in the upper half?',
      'nearest-shape': 'What shape is the object nearest to the {of-subject} one?',
      'nearest-colour': 'What color is the object nearest to the {of-subject} one?',
      'farthest-shape': 'What shape is the object farthest from the {of-subject} one?',
      'left-of': 'Is the {subject} object to the left of the {of-other} one?',
      count: 'How many other objects have the shape of the {of-subject} one?',
    },
  },
  {
    tag: 'de',
    keyboard: ['qwertzuiopü', 'asdfghjklöä', 'yxcvbnm'],
    colours: {
      red: ['rote', 'roten'],
      green: ['grüne', 'grünen'],
      blue: ['blaue', 'blauen'],
      yellow: ['gelbe', 'gelben'],
      purple: ['violette', 'violetten'],
      orange: ['orangefarbene', 'orangefarbenen'],
      gray: ['graue', 'grauen'],
    },
    questions: {
      shape: 'Welche Form hat das {subject} Objekt?',
      'left-half': 'Ist das {subject} Objekt in der linken Hälfte?',
      'upper-half': 'Ist das {subject} Objekt in der oberen Hälfte?',
      'nearest-shape': 'Welche Form hat das Objekt, das dem {of-subject} am nächsten ist?',
      'nearest-colour': 'Welche Farbe hat das Objekt, das dem {of-subject} am nächsten ist?',
      'farthest-shape': 'Welche Form hat das Objekt, das vom {of-subject} am weitesten entfernt ist?',
      'left-of': 'Ist das {subject} Objekt links vom {of-other}?',
      count: 'Wie viele andere Objekte haben die Form des {of-subject}?',
    },
  },
  {
    tag: 'es',
    keyboard: ['qwertyuiop', 'asdfghjklñ', 'zxcvbnm'],
    colours: {
      red: 'rojo',
      green: 'verde',
      blue: 'azul',
      yellow: 'amarillo',
      purple: 'morado',
      orange: 'naranja',
      gray: 'gris',
    },
    questions: {
      shape: '¿Qué forma tiene el objeto {subject}?',
      'left-half': '¿Está el objeto {subject} en la mitad izquierda?',
      'upper-half': '¿Está el objeto {subject} en la mitad superior?',
      'nearest-shape': '¿Qué forma tiene el objeto más cercano al {of-subject}?',
      'nearest-colour': '¿De qué color es el objeto más cercano al {of-subject}?',
      'farthest-shape': '¿Qué forma tiene el objeto más alejado del {of-subject}?',
      'left-of': '¿Está el objeto {subject} a la izquierda del {of-other}?',
      count: '¿Cuántos otros objetos tienen la forma del {of-subject}?',
    },
  },
  {
    tag: 'zh',
    colours: {
      red: '红色',
      green: '绿色',
      blue: '蓝色',
      yellow: '黄色',
      purple: '紫色',
      orange: '橙色',
      gray: '灰色',
    },
    questions: {
      shape: '{subject}物体是什么形状?',
      'left-half': '{subject}物体在左半边吗?',
      'upper-half': '{subject}物体在上半边吗?',
      'nearest-shape': '离{of-subject}物体最近的物体是什么形状?',
      'nearest-colour': '离{of-subject}物体最近的物体是什么颜色?',
      'farthest-shape': '离{of-subject}物体最远的物体是什么形状?',
      'left-of': '{subject}物体在{of-other}物体的左边吗?',
      count: '有几个其他物体和{of-subject}物体形状相同?',
    },
  },
];

/** The question in words of a language. */
export function putInWords({ kind, subject, other }: Question, { colours, questions }: Language): string {
  return questions[kind]
    .replace('{subject}', formsOf(colours[subject.colour])[0])
    .replace('{of-subject}', formsOf(colours[subject.colour])[1])
    .replace('{of-other}', other ? formsOf(colours[other.colour])[1] : '');
}

function formsOf(name: string | ColourForms): ColourForms {
  return typeof name === 'string' ? [name, name] : name;
}
