import type { RandomKey } from '@polymodal/core';
import type { Colour, Edition, Shape } from './edition';

/** One object, lengths in pixels from the upper left corner of the picture. */
export interface SceneObject {
  readonly colour: Colour;
  readonly shape: Shape;
  readonly x: number;
  readonly y: number;
  readonly radius: number;
}

/** Objects on a plain ground, no two of one colour, none touching another. */
export interface Scene {
  readonly objects: readonly SceneObject[];
}

/** Draws a scene: colours without repetition, shapes with, places anew until none is too near to another. */
export function drawScene(edition: Edition, key: RandomKey): Scene {
  const { objects: count, colours, shapes, radius } = edition;
  const places = drawPlaces(edition, key.fold('places'));
  const order = key.fold('colours').shuffle(colours.length);
  const [least, most] = radius;
  return {
    objects: places.map(([x, y], index) => {
      const own = key.fold('objects').fold(index);
      return {
        colour: colours[order[index]],
        shape: shapes[own.fold('shape').integer(0, shapes.length)],
        x,
        y,
        radius: least + (most - least) * own.fold('radius').uniform(1)[0],
      };
    }),
  };

  function drawPlaces({ size, margin, gap }: Edition, from: RandomKey): [x: number, y: number][] {
    for (let attempt = 0; ; attempt++) {
      const drawn = from.fold(attempt).uniform(2 * count);
      const places = Array.from({ length: count }, (_, index): [number, number] => [
        margin + (size - 2 * margin) * drawn[2 * index],
        margin + (size - 2 * margin) * drawn[2 * index + 1],
      ]);
      const areApart = places.every((a, i) => places.every((b, j) => i >= j || distance(a, b) > gap));
      if (areApart) return places;
    }
  }
}

function distance([ax, ay]: readonly [number, number], [bx, by]: readonly [number, number]): number {
  return Math.hypot(ax - bx, ay - by);
}

/** From centre to centre, in pixels. */
export function distanceBetween(a: SceneObject, b: SceneObject): number {
  return distance([a.x, a.y], [b.x, b.y]);
}
