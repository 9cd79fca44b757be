import { RandomKey } from '@polymodal/core';
import { describe, expect, it } from 'vitest';
import { drawPicture } from './draw-picture';
import { plainScenes, sortOfClevr } from './edition';
import { drawScene, type Scene } from './scene';

const key = RandomKey.from(3);

describe.each([
  ['plain scenes', plainScenes],
  ['Sort-of-CLEVR', sortOfClevr],
])('%s', (_, edition) => {
  const scenes = Array.from({ length: 50 }, (_, index) => drawScene(edition, key.fold(index)));

  it('have objects of different colours, apart from one another and within the picture', () => {
    for (const { objects } of scenes) {
      expect(new Set(objects.map(({ colour }) => colour)).size).toBe(edition.objects);
      for (const [index, a] of objects.entries()) {
        for (const coordinate of [a.x, a.y]) {
          expect(coordinate - a.radius).toBeGreaterThanOrEqual(0);
          expect(coordinate + a.radius).toBeLessThanOrEqual(edition.size);
        }
        for (const b of objects.slice(index + 1))
          expect((a.x - b.x) ** 2 + (a.y - b.y) ** 2).toBeGreaterThan(edition.gap ** 2);
      }
    }
  });

  it('follow from the key alone and differ', () => {
    expect(drawScene(edition, key.fold(0))).toEqual(scenes[0]);
    expect(new Set(scenes.map((scene) => JSON.stringify(scene))).size).toBe(scenes.length);
  });

  it('show every object in its colour, of about the area of its shape', () => {
    for (const scene of scenes) {
      const { data, width, height } = drawPicture(scene, edition.size);
      expect([width, height, data.length]).toEqual([edition.size, edition.size, 3 * edition.size ** 2]);
      const areas = new Map<string, number>();
      for (let at = 0; at < data.length; at += 3) {
        const pixel = data.subarray(at, at + 3).join();
        areas.set(pixel, (areas.get(pixel) ?? 0) + 1);
      }
      expect(areas.size).toBe(1 + edition.objects); // and the ground
      for (const { x, y, radius, shape } of scene.objects) {
        const pixel = data
          .subarray(3 * (Math.floor(y) * width + Math.floor(x)))
          .subarray(0, 3)
          .join();
        // π r², (1.8 r)², and a triangle of base 2 r and height 1.8 r.
        const area = { circle: Math.PI, square: 1.8 ** 2, triangle: 1.8 }[shape] * radius ** 2;
        expect(Math.abs(areas.get(pixel)! - area)).toBeLessThan(2.5 * radius + 4); // a part of the edge's pixels
      }
    }
  });
});

it('draws a pixel where its centre lies in the shape', () => {
  const scene: Scene = { objects: [{ colour: 'red', shape: 'square', x: 4, y: 4, radius: 2 }] };
  const { data } = drawPicture(scene, 8);
  const red = Array.from({ length: 64 }, (_, pixel) => (data[3 * pixel + 1] === 40 ? '#' : '.')).join('');
  expect(red.match(/.{8}/g)).toEqual([
    '........',
    '........',
    '..####..',
    '..####..',
    '..####..',
    '..####..',
    '........',
    '........',
  ]);
});
