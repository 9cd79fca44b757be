import { describe, expect, it } from 'vitest';
import type { Scene } from '../scene/scene';
import { caption, countCaption, referringExpression } from './captions';

const scene: Scene = {
  objects: [
    { colour: 'blue', shape: 'circle', x: 40, y: 20, radius: 4 },
    { colour: 'orange', shape: 'circle', x: 8, y: 20.5, radius: 4 },
    { colour: 'red', shape: 'square', x: 24, y: 40, radius: 4 },
  ],
};

describe('captions', () => {
  it('list the objects from left to right', () => {
    expect(caption(scene)).toBe('an orange circle, a red square and a blue circle');
  });

  it('count the shapes', () => {
    expect(countCaption(scene)).toBe('two circles and one square');
  });

  it('say which object is meant, or that they cannot', () => {
    const [blue, orange, red] = scene.objects;
    expect(referringExpression(scene, red)).toBe('the square');
    expect(referringExpression(scene, orange)).toBe('the leftmost circle');
    expect(referringExpression(scene, blue)).toBe('the rightmost circle');
    const between = { ...blue, x: 24, y: 20.2 };
    expect(referringExpression({ objects: [...scene.objects, between] }, between)).toBeUndefined();
  });
});
