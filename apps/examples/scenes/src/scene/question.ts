import type { RandomKey } from '@polymodal/core';
import type { Edition } from './edition';
import { distanceBetween, type Scene, type SceneObject } from './scene';

/** What is asked. */
export type QuestionKind =
  | 'shape'
  | 'left-half'
  | 'upper-half'
  | 'nearest-shape'
  | 'nearest-colour'
  | 'farthest-shape'
  | 'left-of'
  | 'count';

/** A question about a scene. Objects are named by their colours. */
export interface Question {
  readonly kind: QuestionKind;
  readonly subject: SceneObject;
  /** Whom the subject is compared with, where the kind compares two. */
  readonly other?: SceneObject;
  /** A class: a shape, a colour, `yes`, `no` or a number of objects. */
  readonly answer: string;
  /** The objects beside the subject that the answer turns on: the nearest, the one compared with, those of its shape. */
  readonly others: readonly SceneObject[];
}

/** An answer that turns on less than this, in pixels, cannot be seen, so it is not asked for. */
const leastDifference = 1;

/** All classes of answers to the questions of an edition. */
export function answersOf({ colours, shapes, objects, questions }: Edition): string[] {
  const kinds = [...questions.nonRelational, ...questions.relational];
  const counts = Array.from({ length: objects }, (_, count) => String(count));
  return [
    'yes',
    'no',
    ...shapes,
    ...(kinds.includes('nearest-colour') ? colours : []),
    ...(kinds.includes('count') ? counts : []),
  ];
}

/**
 * Asks about a scene: a kind, then objects. An answer that turns on less than a pixel is not asked for.
 *
 * @param kinds those that may be asked, each as likely as the others
 */
export function ask(scene: Scene, kinds: readonly QuestionKind[], edition: Edition, key: RandomKey): Question {
  for (let attempt = 0; ; attempt++) {
    const own = key.fold(attempt);
    const kind = kinds[own.fold('kind').integer(0, kinds.length)];
    const [first, second] = own.fold('objects').shuffle(scene.objects.length);
    const subject = scene.objects[first];
    const other = kind === 'left-of' ? scene.objects[second] : undefined;
    const asked = { kind, subject, other };
    const answer = answerTo(asked, scene, edition);
    if (answer !== undefined) return { kind, subject, ...(other && { other }), answer, others: othersOf(asked, scene) };
  }
}

/** What is asked about what, without the answer. */
interface Asked {
  readonly kind: QuestionKind;
  readonly subject: SceneObject;
  readonly other: SceneObject | undefined;
}

/** The class of the answer, or `undefined` where it cannot be seen. */
function answerTo({ kind, subject, other }: Asked, { objects }: Scene, { size }: Edition): string | undefined {
  switch (kind) {
    case 'shape':
      return subject.shape;
    case 'left-half':
      return isLess(subject.x, size / 2);
    case 'upper-half':
      return isLess(subject.y, size / 2);
    case 'left-of':
      return isLess(subject.x, other!.x);
    case 'nearest-shape':
      return extreme(subject, objects, 'nearest')?.shape;
    case 'nearest-colour':
      return extreme(subject, objects, 'nearest')?.colour;
    case 'farthest-shape':
      return extreme(subject, objects, 'farthest')?.shape;
    case 'count':
      return String(ofSameShape(subject, objects).length);
  }
}

/** The objects beside the subject that an answer turns on. */
function othersOf({ kind, subject, other }: Asked, { objects }: Scene): readonly SceneObject[] {
  switch (kind) {
    case 'shape':
    case 'left-half':
    case 'upper-half':
      return [];
    case 'left-of':
      return [other!];
    case 'nearest-shape':
    case 'nearest-colour':
      return [extreme(subject, objects, 'nearest')!];
    case 'farthest-shape':
      return [extreme(subject, objects, 'farthest')!];
    case 'count':
      return ofSameShape(subject, objects);
  }
}

function ofSameShape(subject: SceneObject, objects: readonly SceneObject[]): readonly SceneObject[] {
  return objects.filter((object) => object !== subject && object.shape === subject.shape);
}

function isLess(value: number, than: number): string | undefined {
  if (Math.abs(value - than) < leastDifference) return undefined;
  return value < than ? 'yes' : 'no';
}

/** The object nearest to another or farthest from it, unless a second one is as near or far. */
function extreme(subject: SceneObject, objects: readonly SceneObject[], which: 'nearest' | 'farthest') {
  const sign = which === 'nearest' ? 1 : -1;
  const others = objects.filter((object) => object !== subject);
  const away = (object: SceneObject) => sign * distanceBetween(subject, object);
  const [first, second] = others.sort((a, b) => away(a) - away(b));
  return second && away(second) - away(first) < leastDifference ? undefined : first;
}
