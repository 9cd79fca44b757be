import { readdirSync, readFileSync } from 'node:fs';
import { ConfigError, SampleError, ShapeError, UnknownNameError } from '@polymodal/core';
import { describe, expect, it } from 'vitest';
import type { RawImage } from '../raw-image';
import { fixturePath, fixtureTensors } from '../testing/fixture';
import { parsePreprocessorOptions } from './preprocessor-options';
import { type PretrainedImageProcessorSettings, pretrainedImageProcessor } from './pretrained-image-processor';

const files = readdirSync(fixturePath('processors/pixel-values'));
const expected = new Map(files.flatMap((file) => [...fixtureTensors(`processors/pixel-values/${file}`)]));
const options: Record<string, Record<string, unknown>> = JSON.parse(
  readFileSync(fixturePath('processors/options.json'), 'utf8'),
);
const picture = (name: string) => fixturePath(`processors/${name}`);

/** Holds pixel values against Python's: in levels of 255, which is to say once normalising is undone. */
async function expectParity(
  raw: RawImage,
  name: string,
  fixture: string,
  settings?: PretrainedImageProcessorSettings,
): Promise<void> {
  const processor = pretrainedImageProcessor(options[name], settings);
  const { pixelValues } = await processor.process(raw);
  const { shape, data } = expected.get(fixture)!;
  expect(pixelValues.shape).toEqual(shape);
  const { scale, std } = processor.recipe;
  let furthest = 0;
  for (let at = 0; at < data.length; at++) {
    furthest = Math.max(furthest, (Math.abs(pixelValues.data[at] - data[at]) * std[at % 3]) / scale);
  }
  expect(furthest).toBeLessThan(/jpg|webp/.test(fixture) ? lossyTolerance : tolerance);
}

/** The bytes are Python's, so only the float32 of rescaling and normalising differs: some 2⁻²² of 255 levels. */
const tolerance = 1e-4;

/** A decoder of another build may round otherwise by a level. */
const lossyTolerance = 1.01;

describe('pretrainedImageProcessor', () => {
  it.each([...expected.keys()].filter((name) => !name.startsWith('pixels') && !name.endsWith('white')))(
    'gives the pixel values of transformers: %s',
    async (fixture) => {
      const [file, name] = fixture.split(' ');
      await expectParity(picture(file), name, fixture);
    },
  );

  it.each(['drawing.png', 'grey-drawing.png', 'palette.png'])(
    'lays %s over white where told, as transformers does with an opened picture',
    async (file) => {
      await expectParity(picture(file), 'clip', `${file} clip over white`, { transparency: [255, 255, 255] });
    },
  );

  it.each([
    [1, 'clip'],
    [3, 'vit'],
    [4, 'siglip'],
  ] as const)('takes decoded pixels of %d channels as transformers takes an array', async (channels, name) => {
    const { shape, data } = expected.get(`pixels of ${channels}`)!;
    const [height, width] = shape;
    const fixture = `pixels of ${channels} ${name}`;
    await expectParity({ data: Uint8Array.from(data), width, height, channels }, name, fixture);
    const floats = Float32Array.from(data, (value) => value / 255);
    await expectParity({ data: floats, width, height, channels }, name, fixture);
  });

  it('takes the bytes of a file', async () => {
    await expectParity(readFileSync(picture('photograph.jpg')), 'vit', 'photograph.jpg vit');
  });

  it('stacks pictures of one size and refuses others', async () => {
    const processor = pretrainedImageProcessor(options['clip-uncropped']);
    const rows = await Promise.all(
      ['turned-2.jpg', 'turned-3.jpg', 'turned-6.jpg'].map((file) => processor.process(picture(file))),
    );
    expect(processor.collate(rows.slice(0, 2)).pixelValues.shape).toEqual([2, 13, 18, 3]);
    expect(() => processor.collate(rows)).toThrow(ShapeError);
    expect(() => processor.collate(rows)).toThrow('in what cannot be padded, [13,18] as the first, received [18,13]');
    const sides = rows.map((row) => processor.shape(row).fixed);
    expect(sides).toEqual([
      [13, 18],
      [13, 18],
      [18, 13],
    ]);
  });

  it('says when a picture would vanish', async () => {
    const processor = pretrainedImageProcessor(options['bit-limited']);
    const error = await processor.process(picture('line.png')).catch((error) => error);
    expect(error).toBeInstanceOf(SampleError);
    expect(error.message).toContain('90 × 1 pixels, which become 25 × 0');
  });
});

describe('the options of pretrainedImageProcessor', () => {
  const type = 'CLIPImageProcessor';

  it.each([
    ['an unknown option', { do_flip: true }, ConfigError, 'only known options, received "do_flip"'],
    ['padding', { do_pad: true }, ConfigError, 'do_pad: '],
    ['a size without meaning', { size: { longest_edge: 3 } }, ConfigError, 'size: '],
    ['a crop without sides', { crop_size: { shortest_edge: 3 } }, ConfigError, 'crop_size: expected a number, or a'],
    ['a mean of two channels', { image_mean: [0, 1] }, ConfigError, 'image_mean: expected one number, or one for each'],
    ['a deviation of zero', { image_std: [1, 0, 1] }, ConfigError, 'image_std: expected positive numbers'],
    ['a size of Idefics for another class', { image_size: 8 }, ConfigError, 'image_size: expected size, as only the'],
    ['another class', { image_processor_type: 'DonutImageProcessor' }, UnknownNameError, '"DonutImageProcessor"'],
  ])('refuse %s by name', (_, content, kind, message) => {
    const parse = () => pretrainedImageProcessor(content, { type });
    expect(parse).toThrow(kind);
    expect(parse).toThrow(message);
  });

  it('take a colour behind transparent pixels, and no name of one', () => {
    const settings = { type, transparency: 'white' } as unknown as PretrainedImageProcessorSettings;
    expect(() => pretrainedImageProcessor({}, settings)).toThrow(ConfigError);
  });

  it('ask for a class where neither the file nor the caller names one', () => {
    expect(() => pretrainedImageProcessor({})).toThrow('expected the class of an image processor');
  });

  it('have the defaults of the class', () => {
    expect(parsePreprocessorOptions({}, type)).toMatchObject({
      size: { shortest_edge: 224 },
      kernel: 'bicubic',
      crop: [224, 224],
      mean: [0.48145466, 0.4578275, 0.40821073],
    });
  });

  it('pass over a deviation of zero where nothing is divided by it', () => {
    const options = parsePreprocessorOptions({ do_normalize: false, image_std: [0, 0, 0] }, type);
    expect(options).toMatchObject({ mean: [0, 0, 0], std: [1, 1, 1] });
  });
});
