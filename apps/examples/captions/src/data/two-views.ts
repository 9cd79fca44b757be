import type { RandomKey } from '@polymodal/core';
import { type Edition, plainScenes } from '@polymodal/example-scenes/scene/edition';
import { drawScene, type Scene, type SceneObject } from '@polymodal/example-scenes/scene/scene';

/** Three objects, far enough apart that a screen before one hides little of the others; asked for is what both views can tell. */
export const edition: Edition = {
  ...plainScenes,
  gap: 15,
  questions: { nonRelational: ['shape'], relational: ['left-of'] },
};

/** Objects whose order from left to right turns on less, in pixels, are not drawn. */
const leastStep = 3;

/** A scene as two see it, neither of whom sees all of it. */
export interface TwoViews {
  /** From left to right. */
  readonly objects: readonly SceneObject[];
  /** Which of them a screen hides in the picture. */
  readonly hidden: number;
  /** Which two of them the speaker names, as he names them: the hidden one, and another. */
  readonly told: readonly [first: number, second: number];
}

/** Draws a scene, which of its objects the picture hides, and which one the speaker does not see. */
export function drawTwoViews(key: RandomKey): TwoViews {
  const { objects } = drawOrderedScene(key.fold('scene'));
  const hidden = key.fold('hidden').integer(0, objects.length);
  const others = objects.map((_, place) => place).filter((place) => place !== hidden);
  const both = [hidden, others[key.fold('told').integer(0, others.length)]] as const;
  return { objects, hidden, told: key.fold('order').integer(0, 2) === 0 ? both : [both[1], both[0]] };
}

/** The objects that the picture shows. */
export function shownObjects({ objects, hidden }: Pick<TwoViews, 'objects' | 'hidden'>): SceneObject[] {
  return objects.filter((_, place) => place !== hidden);
}

/** A scene whose objects can be told from left to right, and are in that order. */
function drawOrderedScene(key: RandomKey): Scene {
  for (let attempt = 0; ; attempt++) {
    const objects = [...drawScene(edition, key.fold(attempt)).objects].sort((a, b) => a.x - b.x);
    if (objects.every(({ x }, place) => place === 0 || x - objects[place - 1].x >= leastStep)) return { objects };
  }
}
