import { type PicturePlace, type ProcessContext, picturePlace, RandomKey } from '@polymodal/core';
import { describe, expect, it } from 'vitest';
import { colourJitter } from './augmentation/colour-jitter';
import { crop } from './augmentation/crop';
import { erase } from './augmentation/erase';
import { flip } from './augmentation/flip';
import { randAugment } from './augmentation/rand-augment';
import { resizedCrop } from './augmentation/resized-crop';
import { imageOptions } from './image-options';
import { ImageProcessor } from './image-processor';
import { imageRecipe } from './image-recipe';
import type { RawImage } from './raw-image';

const [width, height] = [60, 40];
/** Left, top, right, bottom of what is red in a white picture. */
const red = [12, 8, 34, 29] as const;

function picture(): RawImage {
  const data = new Uint8Array(width * height * 3).fill(255);
  for (let y = red[1]; y < red[3]; y++) {
    for (let x = red[0]; x < red[2]; x++) data.set([255, 0, 0], 3 * (y * width + x));
  }
  return { data, width, height, channels: 3 };
}

function processorOf(options: Record<string, unknown>): ImageProcessor {
  const parsed = imageOptions.parse({ kernel: 'nearest', mean: 0, std: 1, ...options });
  const processor = new ImageProcessor(imageRecipe(parsed));
  processor.locatePixels();
  return processor;
}

/** Where red pixels are in what the encoder is given. */
function seenRed({ data, shape }: { readonly data: ArrayLike<number>; readonly shape: readonly number[] }): number[] {
  const [rows, columns] = shape;
  const found = { x: [] as number[], y: [] as number[] };
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      const at = 3 * (y * columns + x);
      if (data[at] - data[at + 1] < 0.5) continue;
      found.x.push(x);
      found.y.push(y);
    }
  }
  return [Math.min(...found.x), Math.min(...found.y), Math.max(...found.x) + 1, Math.max(...found.y) + 1];
}

function movedRed({ scaleX, offsetX, scaleY, offsetY, seenWidth, seenHeight }: PicturePlace): number[] {
  const across = [red[0], red[2]]
    .map((x) => Math.min(Math.max(scaleX * x + offsetX, 0), seenWidth))
    .sort((a, b) => a - b);
  const down = [red[1], red[3]]
    .map((y) => Math.min(Math.max(scaleY * y + offsetY, 0), seenHeight))
    .sort((a, b) => a - b);
  return [across[0], down[0], across[1], down[1]];
}

async function changed(processor: ImageProcessor, augment: NonNullable<ProcessContext['augment']>, seed: number) {
  const key = RandomKey.from(seed);
  const context = { training: true, key, augment };
  let value: unknown = await processor.read(picture(), context);
  for (const own of augment) if ('changeValue' in own) value = await own.changeValue(value, key);
  return processor.process(value as RawImage, context);
}

describe('where the pixels of a picture are', () => {
  it.each([
    ['squashed', { imageSize: [30, 90], resize: 'squash' }],
    ['cropped', { imageSize: 36, resize: 'cover' }],
    ['contained', { imageSize: [64, 32], resize: 'contain' }],
  ])('is told of one that is %s', async (_, options) => {
    const row = await processorOf(options).process(picture());
    const place = picturePlace(row)!;
    expect([place.width, place.height]).toEqual([width, height]);
    // A pixel belongs to what its middle lies in.
    movedRed(place).forEach((at, axis) => expect(Math.abs(at - seenRed(row.pixelValues)[axis])).toBeLessThanOrEqual(1));
  });

  it.each([
    ['flip', [flip({ probability: 1 })]],
    ['a vertical flip of a crop', [crop({ padding: 0.2 }), flip({ direction: 'vertical' })]],
    ['resized-crop', [resizedCrop({ scale: [0.6, 1] }), flip(), colourJitter({ brightness: 0.05 })]],
    [
      'erase and colours behind a flip',
      [flip(), erase({ scale: [0.001, 0.002], fill: [255, 255, 255] }), colourJitter({ brightness: 0.05 })],
    ],
  ])('is told of one that was changed by %s', async (_, augment) => {
    for (let seed = 0; seed < 5; seed++) {
      const row = await changed(processorOf({ imageSize: 60, resize: 'squash' }), augment, seed);
      const [own, seen] = [movedRed(picturePlace(row)!), seenRed(row.pixelValues)];
      own.forEach((at, axis) =>
        expect(Math.abs(at - seen[axis]), `seed ${seed}, axis ${axis}`).toBeLessThanOrEqual(1.5),
      );
    }
  });

  it('is not made up where a picture was turned, or an augmentation does not say what it did', async () => {
    const processor = processorOf({ imageSize: 60 });
    const turning = async () => {
      for (let seed = 0; seed < 40; seed++) await changed(processor, [randAugment()], seed);
    };
    await expect(turning()).rejects.toThrow('turns or shears');
    const context = { training: true, key: RandomKey.from(0), augment: [flip()] };
    await expect(processor.process(picture(), context)).rejects.toThrow('one that does not');
  });

  it('is told of a drawing in the size that it says that it has, and of nothing that nobody asks about', async () => {
    const svg = new TextEncoder().encode(
      '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="10"><rect x="5" y="2" width="10" height="4" fill="red"/></svg>',
    );
    const { scaleX, scaleY, ...place } = picturePlace(await processorOf({ imageSize: [40, 80] }).process(svg))!;
    expect([place.width, place.height, scaleX, scaleY]).toEqual([20, 10, 4, 4]);
    const plain = new ImageProcessor(imageRecipe(imageOptions.parse({ imageSize: 60 })));
    expect(Object.keys(await plain.process(picture()))).toEqual(['pixelValues']);
  });
});
