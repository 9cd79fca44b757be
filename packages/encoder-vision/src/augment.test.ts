import {
  type Augmentation,
  type BatchAugmentation,
  changesValues,
  createRegistry,
  makeAugmentations,
  mixesBatches,
  RandomKey,
} from '@polymodal/core';
import { describe, expect, it } from 'vitest';
import {
  colourJitter,
  crop,
  cutMix,
  erase,
  flip,
  mixUp,
  randAugment,
  resizedCrop,
  visionAugmentations,
} from './augment';
import type { BytePixels } from './augmentation/byte-pixels';
import { drawShare } from './augmentation/draw-share';
import { randAugmentOperations } from './augmentation/rand-augment';
import { imageOptions } from './image-options';
import { ImageProcessor } from './image-processor';
import { imageRecipe } from './image-recipe';
import { vision } from './plugin';

function pictureOf(height: number, width: number, channels: 1 | 3, value: (at: number) => number): BytePixels {
  const data = Uint8Array.from({ length: height * width * channels }, (_, at) => value(at));
  return { data, width, height, channels };
}

/** No two bytes are alike. */
const numbered = pictureOf(4, 5, 3, (at) => at + 1);

async function changed(augmentation: Augmentation, picture: BytePixels, seed = 0): Promise<BytePixels> {
  if (!changesValues(augmentation)) return expect.unreachable();
  const before = picture.data.slice();
  const result = await augmentation.changeValue(picture, RandomKey.from(seed));
  expect(Buffer.compare(picture.data, before)).toBe(0);
  return result as BytePixels;
}

/** Of counts that should be alike: below the 99.9 % quantile for so many. */
function expectEqualCounts(counts: readonly number[], quantile: number): void {
  const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  expect(counts.reduce((sum, count) => sum + (count - mean) ** 2 / mean, 0)).toBeLessThan(quantile);
}

const pixelsAt = ({ data, width, channels }: BytePixels, row: number, column: number) => [
  ...data.subarray((row * width + column) * channels, (row * width + column + 1) * channels),
];

describe('augmentations of pictures', () => {
  it('mirror them', async () => {
    const across = await changed(flip(), numbered);
    const down = await changed(flip({ direction: 'vertical' }), numbered);
    for (let row = 0; row < 4; row++) {
      for (let column = 0; column < 5; column++) {
        expect(pixelsAt(across, row, column)).toEqual(pixelsAt(numbered, row, 4 - column));
        expect(pixelsAt(down, row, column)).toEqual(pixelsAt(numbered, 3 - row, column));
      }
    }
    expect(flip().probability).toBe(0.5);
  });

  it('shift them within a margin, each place as often', async () => {
    const counts = new Map<string, number>();
    const square = pictureOf(4, 4, 1, (at) => at + 1);
    for (let seed = 0; seed < 450; seed++) {
      const moved = await changed(crop({ padding: 0.25, fill: [99, 99, 99] }), square, seed);
      const [middle] = pixelsAt(moved, 1, 1);
      const [top, left] = [Math.floor((middle - 1) / 4) - 1, ((middle - 1) % 4) - 1];
      const expected = [...square.data.keys()].map((at) => {
        const [row, column] = [Math.floor(at / 4) + top, (at % 4) + left];
        return [row, column].every((own) => own >= 0 && own < 4) ? square.data[4 * row + column] : 99;
      });
      expect(moved.data.join()).toBe(expected.join());
      counts.set(`${top} ${left}`, (counts.get(`${top} ${left}`) ?? 0) + 1);
    }
    expect(counts.size).toBe(9);
    expectEqualCounts([...counts.values()], 26.1); // chi-square of 8 degrees of freedom
  });

  it('take a part of any size and shape, uniform in its area', async () => {
    const picture = pictureOf(60, 80, 1, () => 7);
    const shares: number[] = [];
    for (let seed = 0; seed < 300; seed++) {
      const { width, height } = await changed(resizedCrop({ scale: [0.1, 0.3] }), picture, seed);
      shares.push((width * height) / 4800);
      expect(width / height).toBeGreaterThan(0.75 * 0.93); // rounded to whole pixels, of 20 at least
      expect(width / height).toBeLessThan(1.34 * 1.07);
    }
    const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
    expect(Math.abs(mean - 0.2)).toBeLessThan((4 * 0.2) / Math.sqrt(12 * 300));
    expect(Math.min(...shares)).toBeGreaterThan(0.09);
    expect(Math.max(...shares)).toBeLessThan(0.31);
    const thin = await changed(resizedCrop({ scale: [1, 1], ratio: [1, 1] }), picture);
    expect([thin.width, thin.height]).toEqual([60, 60]); // nothing fits: the middle
    const part = await changed(resizedCrop({ scale: [0.2, 0.5] }), numbered);
    const [first] = part.data;
    const [row, column] = [Math.floor((first - 1) / 15), Math.floor(((first - 1) % 15) / 3)];
    expect(pixelsAt(part, part.height - 1, part.width - 1)).toEqual(
      pixelsAt(numbered, row + part.height - 1, column + part.width - 1),
    );
  });

  it('paint a box of noise, or of one colour', async () => {
    const dark = pictureOf(40, 40, 1, () => 0);
    let painted = 0;
    let sum = 0;
    for (let seed = 0; seed < 50; seed++) {
      const { data } = await changed(erase({ scale: [0.2, 0.2] }), dark, seed);
      painted += data.filter((value) => value > 0).length;
      sum += data.reduce((total, value) => total + value, 0);
    }
    expect(painted / (50 * 1600)).toBeCloseTo((0.2 * 255) / 256, 1);
    expect(sum / painted).toBeGreaterThan(125);
    expect(sum / painted).toBeLessThan(131); // uniform: 128
    const { data } = await changed(
      erase({ fill: [1, 2, 3] }),
      pictureOf(9, 9, 3, () => 0),
    );
    const values = new Set([...data].map((value, at) => value && `${at % 3}: ${value}`));
    expect(values).toEqual(new Set([0, '0: 1', '1: 2', '2: 3']));
  });

  it('change colours within what is asked, in any order', async () => {
    const grey = pictureOf(2, 2, 3, () => 100);
    const levels: number[] = [];
    for (let seed = 0; seed < 300; seed++)
      levels.push((await changed(colourJitter({ brightness: 0.4 }), grey, seed)).data[0]);
    expect(Math.min(...levels)).toBeLessThan(62);
    expect(Math.min(...levels)).toBeGreaterThanOrEqual(60);
    expect(Math.max(...levels)).toBeGreaterThan(138);
    expect(Math.max(...levels)).toBeLessThanOrEqual(140);
    expect(await changed(colourJitter(), numbered)).toEqual(numbered);
    const all = colourJitter({ brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: 0.1 });
    expect((await changed(all, numbered)).data).not.toEqual((await changed(all, numbered, 1)).data);
  });

  it('draw every operation of RandAugment, both ways where there are two', async () => {
    const picture = pictureOf(16, 16, 3, (at) => (at * 37 + (at >> 4) * 11) % 251);
    const strength = 14 / 30;
    const expected = new Map<string, string>();
    for (const [name, { twoWays, apply }] of Object.entries(randAugmentOperations)) {
      for (const sign of twoWays ? [1, -1] : [1])
        expected.set(apply(picture, sign * strength).data.join(), `${name} ${sign}`);
    }
    const found = new Map<string, number>();
    for (let seed = 0; seed < 700; seed++) {
      const { data } = await changed(randAugment({ operations: 1, magnitude: 14 }), picture, seed);
      const name = expected.get(data.join()) ?? expect.unreachable();
      found.set(name, (found.get(name) ?? 0) + 1);
    }
    expect([...found.keys()].sort()).toEqual([...new Set(expected.values())].sort());
    const two = await changed(randAugment(), picture);
    expect([two.width, two.height]).toEqual([16, 16]);
  });

  it.each([
    ['resized-crop', { scale: [0.5, 0.2] }, /augment\.photo\.0\.scale: .*lower one first/],
    ['crop', { pading: 0.1 }, /augment\.photo\.0: .*"pading".*"padding"/],
    ['mix-up', { alpha: 0 }, /augment\.photo\.0\.alpha/],
    ['colour-jitter', { hue: 0.6 }, /augment\.photo\.0\.hue/],
    ['color-jitter', {}, /augment\.photo\.0\.use: .*Did you mean "colour-jitter"/],
  ])('are found by name, and refuse options that mean nothing: %s', (use, options, message) => {
    const registry = createRegistry([vision, visionAugmentations]);
    expect(() => makeAugmentations(registry, { photo: { use: 'vit' } }, { photo: [{ use, ...options }] })).toThrow(
      message,
    );
  });
});

describe('pictures that augmentations are given', () => {
  const processor = new ImageProcessor(imageRecipe(imageOptions.parse({ imageSize: 4 })));

  it('are bytes without alpha, of which features are made as of the raw ones', async () => {
    const rgba = {
      data: Uint8Array.from({ length: 64 }, (_, at) => 4 * at),
      width: 4,
      height: 4,
      channels: 4,
    } as const;
    const floats = {
      data: Float32Array.from({ length: 48 }, (_, at) => at / 51),
      width: 4,
      height: 4,
      channels: 3,
    } as const;
    for (const raw of [rgba, floats]) {
      const read = await processor.read(raw);
      expect(read.data).toBeInstanceOf(Uint8Array);
      expect(read.channels).toBe(3);
      const [own, whole] = [await processor.process(read), await processor.process(raw)];
      own.pixelValues.data.forEach((value, at) => {
        expect(Math.abs(value - whole.pixelValues.data[at])).toBeLessThan(raw === rgba ? 1e-12 : 1.001 / 255);
      });
    }
  });
});

describe('mixing', () => {
  const [height, width] = [7, 9];
  const size = height * width * 3;
  const pixelValues = { data: Float32Array.from({ length: 4 * size }, (_, at) => at), shape: [4, height, width, 3] };
  const partners = Int32Array.of(2, 0, 3, 1);
  const mix = (augmentation: Augmentation, seed: number) =>
    (mixesBatches(augmentation) ? augmentation : (expect.unreachable() as BatchAugmentation)).mix(
      { pixelValues },
      partners,
      RandomKey.from(seed),
    );

  it('adds pictures up by their shares', () => {
    const { features, share } = mix(mixUp({ alpha: 1 }), 3);
    features.pixelValues.data.forEach((value, at) => {
      const other = partners[Math.floor(at / size)] * size + (at % size);
      expect(value).toBeCloseTo(share * at + (1 - share) * other, 3);
    });
  });

  it('puts one box of the partner into each picture, and counts by areas', () => {
    for (let seed = 0; seed < 40; seed++) {
      const { features, share } = mix(cutMix(), seed);
      const { data } = features.pixelValues;
      const isOwn = [...data.keys()].map((at) => data[at] === at);
      const inPartner = [...data.keys()].every(
        (at) => isOwn[at] || data[at] === partners[Math.floor(at / size)] * size + (at % size),
      );
      expect(inPartner).toBe(true);
      expect(share).toBeCloseTo(isOwn.filter(Boolean).length / data.length, 12);
      const taken = [...Array(height * width).keys()].filter((pixel) => !isOwn[3 * pixel]);
      const [rows, columns] = [taken.map((pixel) => Math.floor(pixel / width)), taken.map((pixel) => pixel % width)];
      const span = (values: readonly number[]) =>
        values.length === 0 ? 0 : Math.max(...values) - Math.min(...values) + 1;
      expect(taken.length).toBe(span(rows) * span(columns));
    }
  });

  it.each([0.2, 1, 4])('draws shares of Beta(%d, %d)', (alpha) => {
    const shares = Array.from({ length: 3000 }, (_, seed) => drawShare(alpha, RandomKey.from(seed)));
    const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
    const variance = shares.reduce((sum, share) => sum + (share - 0.5) ** 2, 0) / shares.length;
    const expected = 1 / (4 * (2 * alpha + 1));
    expect(Math.abs(mean - 0.5)).toBeLessThan(4 * Math.sqrt(expected / 3000));
    expect(Math.abs(variance / expected - 1)).toBeLessThan(0.1);
    expect(drawShare(0.001, RandomKey.from(1))).toBeGreaterThanOrEqual(0); // one of two is all but nothing
  });
});
