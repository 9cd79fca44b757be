import type { RandomKey, Sample } from '@polymodal/core';
import type { Turn } from '@polymodal/encoder-text';
import { caption } from '@polymodal/example-scenes/language/captions';
import { languages, putInWords } from '@polymodal/example-scenes/language/phrases';
import { drawPicture, type Picture } from '@polymodal/example-scenes/scene/draw-picture';
import { type Edition, plainScenes } from '@polymodal/example-scenes/scene/edition';
import { ask } from '@polymodal/example-scenes/scene/question';
import { drawScene, type Scene } from '@polymodal/example-scenes/scene/scene';

/** What is asked about a picture. */
export type Kind = 'describe' | PicturedKind;

/** What is asked about one object, or two. */
type PicturedKind = (typeof picturedKinds)[number];

const picturedKinds = ['shape', 'left-half', 'left-of'] as const;
/** What can be told of a scene that is described in words, its objects from left to right. */
const toldKinds = ['shape', 'left-of'] as const;

/** All kinds, in the order of tables. */
export const kinds: readonly Kind[] = ['describe', ...picturedKinds];

/** A question about a picture that no training has seen. */
export interface HeldOutQuestion {
  readonly kind: Kind;
  readonly image: Picture;
  readonly question: string;
  readonly answer: string;
}

const [english] = languages;
const describe = 'What is in the picture, from left to right?';
/** Said by nobody: SmolLM2's template writes a greeting of its own in the place of a system that says nothing else. */
const silence: Turn = { role: 'system', content: '' };

/**
 * Dialogues of one turn, in which pictures are described: what LLaVA's projector learns from first. There are one object, two and three in
 * turn: where there is one, what is said can only be of that.
 */
export function descriptions(count: number, key: RandomKey): Sample[] {
  return Array.from({ length: count }, (_, index) => {
    const { scene, image } = sceneOf(editions[index % editions.length], key.fold(index));
    return { text: [silence, ...pictured(image, [[describe, caption(scene)]])] };
  });
}

const editions = [1, 2, 3].map((objects): Edition => ({ ...plainScenes, objects }));

/** Dialogues of one turn, in which what is seen is named: descriptions, and every other time the shape of one object of three. */
export function namings(count: number, key: RandomKey): Sample[] {
  const described = descriptions(Math.ceil(count / 2), key.fold('describe'));
  return scenesOf(count, key).map(({ scene, image, own }, index) => {
    if (index % 2 === 0) return described[index / 2];
    return { text: [silence, ...pictured(image, asked(scene, ['shape'], 1, own))] };
  });
}

/**
 * Dialogues of three turns: about a picture, or, every fourth, without one, about a scene that is described in words. In half of those about
 * a picture it is described first.
 */
export function dialogues(count: number, key: RandomKey): Sample[] {
  return scenesOf(count, key).map(({ scene, image, own }, index) => {
    if (index % 4 === 3) return { text: [silence, ...told(scene, asked(scene, toldKinds, 3, own))] };
    const described = index % 2 === 0 ? [[describe, caption(scene)] as const] : [];
    const questions = asked(scene, picturedKinds, 3 - described.length, own);
    return { text: [silence, ...pictured(image, [...described, ...questions])] };
  });
}

/** Dialogues without pictures alone. */
export function toldDialogues(count: number, key: RandomKey): Sample[] {
  return scenesOf(count, key).map(({ scene, own }) => ({
    text: [silence, ...told(scene, asked(scene, toldKinds, 3, own))],
  }));
}

/** Questions of each kind in turn, each about a picture of its own. */
export function heldOutQuestions(count: number, key: RandomKey): HeldOutQuestion[] {
  return scenesOf(count, key).map(({ scene, image, own }, index) => {
    const kind = kinds[index % kinds.length];
    if (kind === 'describe') return { kind, image, question: describe, answer: caption(scene) };
    const [[question, answer]] = asked(scene, [kind], 1, own);
    return { kind, image, question, answer };
  });
}

/** A question as the model is asked it. */
export function askedAbout({ image, question }: Pick<HeldOutQuestion, 'image' | 'question'>): Sample {
  return { text: [silence, { role: 'user', content: withPicture(question, image) }] };
}

type Exchange = readonly [question: string, answer: string];

function scenesOf(count: number, key: RandomKey) {
  return Array.from({ length: count }, (_, index) => sceneOf(plainScenes, key.fold(index)));
}

function sceneOf(edition: Edition, own: RandomKey) {
  const scene = drawScene(edition, own.fold('scene'));
  return { scene, image: drawPicture(scene, edition.size), own };
}

function asked(scene: Scene, from: readonly PicturedKind[], count: number, key: RandomKey): Exchange[] {
  return Array.from({ length: count }, (_, index): Exchange => {
    const question = ask(scene, from, plainScenes, key.fold('question').fold(index));
    return [putInWords(question, english), question.answer];
  });
}

function pictured(image: Picture, exchanges: readonly Exchange[]): Turn[] {
  return exchanges.flatMap(([question, answer], index): Turn[] => [
    { role: 'user', content: index === 0 ? withPicture(question, image) : question },
    { role: 'assistant', content: answer },
  ]);
}

/** A picture stands behind the first question about it, and so just before what is to be said of it. */
function withPicture(question: string, image: Picture) {
  return [{ text: `${question}\n` }, { image }];
}

function told(scene: Scene, exchanges: readonly Exchange[]): Turn[] {
  const words = `From left to right there are ${caption(scene)}.`;
  return exchanges.flatMap(([question, answer], index): Turn[] => [
    { role: 'user', content: index === 0 ? `${words} ${question}` : question },
    { role: 'assistant', content: answer },
  ]);
}
