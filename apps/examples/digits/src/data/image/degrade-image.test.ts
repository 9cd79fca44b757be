import { RandomKey } from '@polymodal/core';
import { describe, expect, it } from 'vitest';
import { degradation } from '../degradation';
import { addNoise } from './add-noise';
import { blur } from './blur';
import { degradeImage } from './degrade-image';
import { lowerContrast } from './lower-contrast';
import { coverWithPatch, crossWithBars } from './occlude';
import { warp } from './warp';

const key = RandomKey.from(7);
const random = key.fold('picture').uniform(784);
const mean = (values: Float32Array) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** A blob in the middle, far from the edges. */
const blob = Float32Array.from({ length: 784 }, (_, i) =>
  Math.exp(-(((i % 28) - 12) ** 2 + (Math.floor(i / 28) - 15) ** 2) / 8),
);

/** Centre of mass. */
function centre(pixels: Float32Array): [x: number, y: number] {
  const mass = 784 * mean(pixels);
  return [mean(pixels.map((v, i) => v * (i % 28))), mean(pixels.map((v, i) => v * Math.floor(i / 28)))].map(
    (sum) => (784 * sum) / mass,
  ) as [number, number];
}

describe('warp', () => {
  it('changes nothing where no movement is allowed', () => {
    expect(warp(random, 0, 0, key)).toEqual(random);
  });

  it('moves a blob by no more than the allowed shift and keeps its mass', () => {
    const shifts = Array.from({ length: 200 }, (_, n) => {
      const moved = warp(blob, 0, 2, key.fold(n));
      expect(mean(moved)).toBeCloseTo(mean(blob), 5);
      return centre(moved)[0] - 12;
    });
    expect(Math.max(...shifts.map(Math.abs))).toBeLessThanOrEqual(2.001);
    expect(Math.max(...shifts)).toBeGreaterThan(1.7); // and uses the whole of it
    expect(Math.min(...shifts)).toBeLessThan(-1.7);
  });

  it('turns a blob about the centre of the picture', () => {
    for (let n = 0; n < 20; n++) {
      const [x, y] = centre(warp(blob, 30, 0, key.fold(n)));
      const [before, after] = [Math.atan2(15 - 13.5, 12 - 13.5), Math.atan2(y - 13.5, x - 13.5)];
      expect(Math.hypot(x - 13.5, y - 13.5)).toBeCloseTo(Math.hypot(1.5, 1.5), 1);
      expect(Math.abs(after - before)).toBeLessThan((31 * Math.PI) / 180);
    }
  });
});

describe('blur', () => {
  it('spreads a point like a Gaussian: mass 1, variance sigma² on both axes', () => {
    const point = new Float32Array(784);
    point[14 * 28 + 14] = 1;
    const soft = blur(point, 1.5);
    expect(784 * mean(soft)).toBeCloseTo(1, 5);
    expect(784 * mean(soft.map((v, i) => v * ((i % 28) - 14) ** 2))).toBeCloseTo(1.5 ** 2, 1);
    expect(784 * mean(soft.map((v, i) => v * (Math.floor(i / 28) - 14) ** 2))).toBeCloseTo(1.5 ** 2, 1);
  });
});

describe('lowerContrast', () => {
  it('leaves a band of the given width within [0, 1]', () => {
    const wide = Float32Array.of(0, 1, 0.5);
    for (let n = 0; n < 50; n++) {
      const [low, high, middle] = lowerContrast(wide, 0.3, key.fold(n));
      expect(high - low).toBeCloseTo(0.3);
      expect(middle).toBeCloseTo((low + high) / 2);
      expect(low).toBeGreaterThanOrEqual(0);
      expect(high).toBeLessThanOrEqual(1.000001);
    }
  });
});

describe('occlusion', () => {
  it('covers one rectangle of the given size with one grey and leaves the rest', () => {
    const covered = coverWithPatch(random, { probability: 1, side: [0.5, 0.5] }, key);
    const changed = [...covered.keys()].filter((i) => covered[i] !== random[i]);
    expect(changed.length).toBe(14 * 14);
    expect(new Set(changed.map((i) => covered[i])).size).toBe(1);
    expect(new Set(changed.map((i) => i % 28)).size).toBe(14);
    expect(new Set(changed.map((i) => Math.floor(i / 28))).size).toBe(14);
  });

  it('draws bars from edge to edge', () => {
    const crossed = crossWithBars(random, { probability: 1, count: [1, 1], thickness: [3, 3] }, key);
    const changed = [...crossed.keys()].filter((i) => crossed[i] !== random[i]);
    const lines = [changed.map((i) => i % 28), changed.map((i) => Math.floor(i / 28))].map((at) => new Set(at).size);
    expect(lines.sort((a, b) => a - b)).toEqual([3, 28]);
  });

  it('happens as often as its probability says', () => {
    const often = Array.from({ length: 400 }, (_, n) =>
      coverWithPatch(random, { probability: 0.25, side: [0.3, 0.3] }, key.fold(n)),
    ).filter((picture) => picture !== random).length;
    expect(often / 400).toBeGreaterThan(0.25 - 4 * Math.sqrt((0.25 * 0.75) / 400)); // four standard errors
    expect(often / 400).toBeLessThan(0.25 + 4 * Math.sqrt((0.25 * 0.75) / 400));
  });
});

describe('addNoise', () => {
  it('adds noise of mean 0 and the given standard deviation', () => {
    const noise = addNoise(new Float32Array(40_000), 0.3, key);
    expect(Math.abs(mean(noise))).toBeLessThan((4 * 0.3) / 200);
    expect(Math.sqrt(mean(noise.map((v) => v * v)))).toBeCloseTo(0.3, 2);
  });
});

describe('degradeImage', () => {
  const picture = Uint8Array.from(blob, (value) => Math.round(255 * value));

  it('follows from the key alone', () => {
    expect(degradeImage(picture, degradation.image, key)).toEqual(degradeImage(picture, degradation.image, key));
    expect(degradeImage(picture, degradation.image, key)).not.toEqual(
      degradeImage(picture, degradation.image, key.fold(1)),
    );
  });

  it('returns the picture itself when nothing is to be done', () => {
    const nothing = {
      shift: 0,
      rotation: 0,
      blur: [0, 0],
      contrast: [1, 1],
      patch: { ...degradation.image.patch, probability: 0 },
      bars: { ...degradation.image.bars, probability: 0 },
      noise: [0, 0],
    } satisfies typeof degradation.image;
    expect(degradeImage(picture, nothing, key)).toEqual(picture);
  });
});
