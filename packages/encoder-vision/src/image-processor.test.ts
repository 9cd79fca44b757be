import { parseConfig, SampleError } from '@polymodal/core';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { imageOptions } from './image-options';
import { ImageProcessor } from './image-processor';
import { imageRecipe } from './image-recipe';
import type { RawImage } from './raw-image';
import { fixturePath, fixtureTensors } from './testing/fixture';

const pictures = fixtureTensors('pictures.safetensors');
const source = { data: Uint8Array.from(pictures.get('pixels')!.data), width: 32, height: 24, channels: 3 } as const;
const plain = { mean: 0, std: 1 / 255 }; // gives the pixels back, 0 to 255
const exact = 1e-4; // the bytes are Pillow's, so only the float32 of normalising differs
const background = [10, 200, 90];
const same = { imageSize: [24, 32], ...plain };

async function process(raw: unknown, options: Record<string, unknown> = {}): Promise<Float32Array> {
  const processor = new ImageProcessor(imageRecipe(parseConfig(imageOptions, options, '')));
  const { pixelValues } = await processor.process(raw as RawImage);
  return pixelValues.data as Float32Array;
}

describe('ImageProcessor on decoded pixels', () => {
  it('subtracts the mean of each channel and divides by its deviation', async () => {
    const options = { imageSize: [24, 32], mean: [0.1, 0.2, 0.3], std: [0.5, 0.25, 2] };
    const expected = Array.from(
      source.data,
      (value, index) => (value / 255 - [0.1, 0.2, 0.3][index % 3]) / [0.5, 0.25, 2][index % 3],
    );
    expectNear(await process(source, options), expected, 1e-5);
  });

  it('takes floats from 0 to 1 as they are', async () => {
    const floats = Float32Array.from(source.data, (value) => value / 255);
    expectNear(await process({ ...source, data: floats }, same), source.data, 1e-4);
  });

  it('turns colour grey as Pillow does', async () => {
    const grey = pictures.get('grey')!.data;
    expectNear(await process(source, { ...same, channels: 1 }), grey, exact);
  });

  it('repeats grey where colour is wanted', async () => {
    const grey = { data: Uint8Array.of(0, 100, 200, 255), width: 2, height: 2, channels: 1 };
    const expected = [0, 0, 0, 100, 100, 100, 200, 200, 200, 255, 255, 255];
    expectNear(await process(grey, { imageSize: 2, ...plain }), expected, 1e-4);
  });

  it('lays transparent pixels over the background', async () => {
    const pixel = { data: Uint8Array.of(200, 100, 0, 51), width: 1, height: 1, channels: 4 }; // alpha 0.2
    const options = { imageSize: 1, ...plain, background: [0, 50, 255] };
    expectNear(await process(pixel, options), [40, 60, 204], 1e-4);
  });

  it.each([
    [
      'a cut-off array',
      { ...source, data: source.data.subarray(1) },
      '2304 values for 32 × 24 pixels of 3 channels, received 2303',
    ],
    ['no width', { ...source, width: 0 }, 'at least 1 pixel, received 0 × 24'],
    ['a fractional height', { ...source, height: 1.5 }, 'at least 1 pixel, received 32 × 1.5'],
    ['two channels', { ...source, channels: 2 }, '3 (RGB) or 4 (RGB and alpha), received 2'],
    ['pixels in a plain array', { ...source, data: [...source.data] }, 'under "data", received an array of 2304'],
    [
      'NaN',
      { data: Float32Array.of(0, Number.NaN, 1, 1), width: 2, height: 2, channels: 1 },
      'received NaN at index 1',
    ],
    ['a number', 7, 'the bytes of an image file, or { data, width, height, channels }, received 7'],
  ])('refuses %s and says what is wrong', async (_, raw, message) => {
    const error = await process(raw).catch((error) => error);
    expect(error).toBeInstanceOf(SampleError);
    expect(error.message).toContain(message);
  });
});

describe('ImageProcessor resizing', () => {
  it.each([
    ['bilinear', 'smaller', [8, 10]],
    ['bilinear', 'larger', [34, 44]],
    ['bicubic', 'smaller', [8, 10]],
    ['bicubic', 'larger', [34, 44]],
    ['lanczos', 'smaller', [8, 10]],
    ['lanczos', 'larger', [34, 44]],
  ])('agrees with Pillow: %s, %s', async (kernel, size, imageSize) => {
    const expected = pictures.get(`${kernel}.${size}`)!.data;
    expectNear(await process(source, { imageSize, kernel, ...plain }), expected, exact);
  });

  it('nearest takes the pixel under the centre', async () => {
    const row = { data: Uint8Array.of(10, 20, 30, 40, 50), width: 5, height: 1, channels: 1 };
    const values = await process(row, { imageSize: [1, 3], kernel: 'nearest', channels: 1, ...plain });
    expectNear(values, [10, 30, 50], 1e-4); // centres at 0.83, 2.5 and 4.17
  });

  it.each([
    ['smaller', [8, 10]],
    ['larger', [34, 44]],
  ])('keeps floats from being rounded, as Pillow keeps those of its mode "F": %s', async (size, imageSize) => {
    const floats = { ...source, data: Float32Array.from(source.data, (value) => value / 255) };
    // Two sums of float32 products, of levels up to 255.
    expectNear(await process(floats, { imageSize, ...plain }), pictures.get(`floats.${size}`)!.data, 1e-4);
  });

  it('cover is what Pillow makes of the box in the middle', async () => {
    const values = await process(source, { imageSize: [9, 20], resize: 'cover', ...plain });
    expectNear(values, pictures.get('cover')!.data, exact);
  });

  it("contain is Pillow's ImageOps.pad", async () => {
    const options = { imageSize: 24, resize: 'contain', background, ...plain };
    expectNear(await process(source, options), pictures.get('contain')!.data, exact);
  });

  const bar = { data: new Uint8Array(4 * 8).fill(0).fill(255, 8, 24), width: 8, height: 4, channels: 1 } as const; // dark edges above and below

  it('squash distorts', async () => {
    expect(await process(bar, { imageSize: 4, resize: 'squash', channels: 1, ...plain })).toHaveLength(16);
    expectNear(await process(bar, { imageSize: [4, 2], channels: 1, ...plain }), [0, 0, 255, 255, 255, 255, 0, 0], 1);
  });

  it('cover crops what sticks out around the centre', async () => {
    const ramp = { data: Uint8Array.from({ length: 32 }, (_, i) => 30 * (i % 8)), width: 8, height: 4, channels: 1 };
    const values = await process(ramp, { imageSize: 4, resize: 'cover', channels: 1, ...plain });
    expectNear(
      values,
      [0, 1, 2, 3].flatMap(() => [60, 90, 120, 150]),
      1,
    );
  });

  it('contain pads with the background', async () => {
    const options = { imageSize: 8, resize: 'contain', channels: 1, background: [90, 90, 90], ...plain };
    const values = await process(bar, options);
    expectNear(values.subarray(0, 16), new Array(16).fill(90), 1);
    expectNear(values.subarray(16, 48), bar.data, 1);
    expectNear(values.subarray(48), new Array(16).fill(90), 1);
  });
});

describe('ImageProcessor on files', () => {
  it.each(['picture.png', 'picture.webp'])('reads %s to the pixels that Pillow wrote', async (name) => {
    expectNear(await process(fixturePath(name), same), source.data, 1e-4);
  });

  it('turns a JPEG as its EXIF orientation says', async () => {
    expectNear(await process(fixturePath('turned.jpg'), same), source.data, 8); // JPEG of quality 98 is not exact
  });

  it('opens no file by its path where samples may name none', async () => {
    const context = { training: false, readFiles: false };
    const processor = new ImageProcessor(imageRecipe(parseConfig(imageOptions, {}, '')));
    await expect(processor.process('a.png', context)).rejects.toThrow(
      'expected the bytes of an image file, received a path',
    );
  });

  it('reads a grey file into one channel or three', async () => {
    const grey = pictures.get('grey')!.data;
    expectNear(await process(fixturePath('grey.png'), { ...same, channels: 1 }), grey, 1e-4);
    expectNear(
      await process(fixturePath('grey.png'), same),
      Array.from(grey).flatMap((v) => [v, v, v]),
      1e-4,
    );
  });

  it('lays transparency over the background', async () => {
    const expected = pictures.get('over')!.data;
    expectNear(await process(fixturePath('alpha.png'), { ...same, background }), expected, exact);
  });

  it('lays transparent floats over the background, without rounding', async () => {
    const pixel = { data: Float32Array.of(0.8, 0.4, 0.01, 0.3), width: 1, height: 1, channels: 4 };
    const expected = [0.8, 0.4, 0.01].map((value, c) => 0.3 * 255 * value + 0.7 * background[c]);
    expectNear(await process(pixel, { imageSize: 1, ...plain, background }), expected, 1e-4);
  });

  it('renders vector graphics at the size that is needed', async () => {
    const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="4" height="4"><rect width="2" height="4"/></svg>';
    const values = await process(Buffer.from(svg), { imageSize: 64, channels: 1, ...plain });
    const row = Array.from(values.subarray(0, 64));
    expectNear(
      row,
      row.map((_, x) => (x < 32 ? 0 : 255)),
      1,
    ); // a sharp edge: enlarged pixels would blur it
  });

  it('reads a 16-bit file', async () => {
    const deep = await sharp(Uint16Array.of(0, 65535, 32768, 16384), { raw: { width: 2, height: 2, channels: 1 } })
      .toColourspace('grey16')
      .png()
      .toBuffer();
    expectNear(await process(deep, { imageSize: 2, channels: 1, ...plain }), [0, 255, 128, 64], 1);
  });

  it.each([
    [
      'a missing file',
      'no/such/picture.png',
      'no/such/picture.png: expected a file that can be read, received no file or folder of that name',
    ],
    ['a folder', fixturePath('.'), 'expected a file, received a folder'],
    ['an empty buffer', new Uint8Array(0), 'received an empty file'],
    [
      'text',
      Buffer.from('this is no picture'),
      'expected a picture in PNG, JPEG, WebP, GIF, TIFF, AVIF or SVG, received bytes of no picture format',
    ],
  ])('refuses %s and says what is wrong', async (_, raw, message) => {
    const error = await process(raw).catch((error) => error);
    expect(error).toBeInstanceOf(SampleError);
    expect(error.message).toContain(message);
  });

  it.each(['png', 'jpeg', 'webp'] as const)('refuses a %s that is cut short', async (format) => {
    const noise = Uint8Array.from({ length: 64 * 64 * 3 }, (_, index) => (index * 7919) % 251);
    const whole = await sharp(noise, { raw: { width: 64, height: 64, channels: 3 } })
      [format]()
      .toBuffer();
    const error = await process(whole.subarray(0, whole.length / 2)).catch((error) => error);
    expect(error).toBeInstanceOf(SampleError);
    expect(error.message).toMatch(/expected a (PNG|JPEG|WebP) file that can be decoded.*damaged, cut short/);
  });
});

describe('ImageProcessor config', () => {
  it.each([
    [{ mean: [0.5, 0.5] }, 'mean: expected one number, or one for each of 3 channels, received 2 numbers'],
    [{ std: 0 }, 'std: expected positive numbers'],
    [{ kernel: 'cubic' }, 'kernel: expected'],
    [{ imageSize: [0, 4] }, 'imageSize'],
    [{ channels: 2 }, 'channels'],
  ])('refuses %o', (options, message) => {
    expect(() => new ImageProcessor(imageRecipe(parseConfig(imageOptions, options, '')))).toThrow(message);
  });

  it('stacks rows into (P, H, W, C)', async () => {
    const processor = new ImageProcessor(imageRecipe(parseConfig(imageOptions, { imageSize: [24, 32] }, '')));
    const row = await processor.process(source);
    const { pixelValues } = processor.collate([row, row]);
    expect(pixelValues.shape).toEqual([2, 24, 32, 3]);
    expect(pixelValues.data.subarray(24 * 32 * 3)).toEqual(row.pixelValues.data);
  });
});

function expectNear(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  expect(actual.length).toBe(expected.length);
  const worst = Math.max(...Array.from(actual, (value, index) => Math.abs(value - expected[index])));
  expect(worst).toBeLessThanOrEqual(tolerance);
}
