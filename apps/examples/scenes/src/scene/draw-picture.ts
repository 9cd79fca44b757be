import type { Colour, Shape } from './edition';
import type { Scene, SceneObject } from './scene';

/** Grey level of the ground. */
export const ground = 235;

const paint: Readonly<Record<Colour, readonly [red: number, green: number, blue: number]>> = {
  red: [220, 40, 40],
  green: [40, 170, 60],
  blue: [50, 80, 220],
  yellow: [230, 200, 40],
  purple: [160, 60, 190],
  orange: [240, 130, 30],
  gray: [128, 128, 128],
};

/** A picture in red, green and blue, row by row. */
export interface Picture {
  /** height · width · 3 bytes. */
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly channels: 3;
}

/** The picture of a scene, without smoothed edges: a pixel is an object's where its centre is. */
export function drawPicture({ objects }: Scene, size: number): Picture {
  const data = new Uint8Array(size * size * 3).fill(ground);
  for (const object of objects) {
    const [top, bottom] = extent(object.y, object.radius, size);
    const [left, right] = extent(object.x, object.radius, size);
    for (let row = top; row < bottom; row++) {
      for (let column = left; column < right; column++) {
        if (covers(object, column + 0.5, row + 0.5)) data.set(paint[object.colour], 3 * (row * size + column));
      }
    }
  }
  return { data, width: size, height: size, channels: 3 };
}

function extent(centre: number, radius: number, size: number): readonly [start: number, end: number] {
  return [Math.max(0, Math.floor(centre - radius)), Math.min(size, Math.ceil(centre + radius))];
}

function covers({ shape, x, y, radius }: SceneObject, column: number, row: number): boolean {
  return inside[shape]((column - x) / radius, (row - y) / radius);
}

/** Whether a point lies in a shape of radius 1 around the origin, downward positive. All have about the area of the circle. */
const inside: Readonly<Record<Shape, (x: number, y: number) => boolean>> = {
  circle: (x, y) => x * x + y * y < 1,
  square: (x, y) => Math.max(Math.abs(x), Math.abs(y)) < 0.9,
  triangle: (x, y) => y < 0.8 && y > 1.8 * Math.abs(x) - 1,
};
