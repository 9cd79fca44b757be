import { readFileSync } from 'node:fs';
import { ConfigError, SampleError } from '@polymodal/core';
import { describe, expect, it } from 'vitest';
import { pretrainedImageProcessor } from './preprocessing/pretrained-image-processor';
import { fixturePath, fixtureTensors } from './testing/fixture';
import { TilingImageProcessor, wholeTiles } from './tiling-image-processor';

/** Made by tools/parity/vision_processors.py. */
const fixture = JSON.parse(readFileSync(fixturePath('processors/tiles.json'), 'utf8')) as {
  readonly options: Record<string, Record<string, unknown>>;
  readonly published: Record<string, unknown>;
  readonly grids: Record<string, [number, number]>;
};
const expected = fixtureTensors('processors/tiles.safetensors');

const processorOf = (content: Record<string, unknown>) => {
  const processor = pretrainedImageProcessor(content);
  expect(processor).toBeInstanceOf(TilingImageProcessor);
  return processor as TilingImageProcessor;
};

describe('TilingImageProcessor', () => {
  it.each([...expected.keys()])('gives the tiles of transformers, in its order: %s', async (name) => {
    const [file, option] = name.split(' ');
    const processor = processorOf(fixture.options[option]);
    const { values, grid } = await processor.divide(fixturePath(`processors/${file}`));
    expect(grid).toEqual(fixture.grids[name]);
    const { shape, data } = expected.get(name)!;
    expect(values.map(({ pixelValues }) => pixelValues.shape)).toEqual(Array(shape[0]).fill(shape.slice(1)));
    const { scale, std } = processor.recipe;
    const received = values.flatMap(({ pixelValues }) => [...pixelValues.data]);
    const off = received.map((value, at) => (Math.abs(value - data[at]) * std[at % 3]) / scale);
    // The bytes are Python's; a decoder of another build of JPEG may round otherwise by a level, which Lanczos may overshoot.
    expect(Math.max(...off)).toBeLessThan(file.endsWith('jpg') ? 2.01 : 1e-4);
    expect(await processor.process(fixturePath(`processors/${file}`))).toEqual(values.at(-1));
  });

  it.each(Object.entries(fixture.grids).filter(([name]) => /^\d/.test(name)))(
    'divides pictures of published sizes as transformers does: %s pixels',
    (name, grid) => {
      const [height, width] = name.split(' ').map(Number);
      const { recipe, tiling } = processorOf({ image_processor_type: 'SmolVLMImageProcessor', ...fixture.published });
      const sides = wholeTiles(recipe.fit([height, width]).size, tiling.tileSize);
      const tiles = sides.map((side) => side / tiling.tileSize);
      expect(tiles[0] * tiles[1] > 1 ? tiles : [0, 0]).toEqual(grid);
    },
  );

  it('refuses a picture that would become far more pixels than it has', async () => {
    const unresized = processorOf({
      ...{ image_processor_type: 'Idefics3ImageProcessor', do_resize: false },
      max_image_size: { longest_edge: 5000 },
    });
    const picture = { data: new Uint8Array(12), width: 2, height: 2, channels: 3 as const };
    await expect(unresized.divide(picture)).rejects.toThrow(SampleError);
    await expect(unresized.divide(picture)).rejects.toThrow(/2 × 2 pixels, which become 5000 × 5000/);
  });
});

describe('the options of tiles', () => {
  it.each([
    [{ do_image_splitting: true }, /do_image_splitting: expected what a class that divides no pictures takes/],
    [{ max_image_size: { longest_edge: 8 } }, /max_image_size: /],
    [{ do_pad: true }, /do_pad: /],
    [{ size: { longest_edge: 8 } }, /size: /],
    [{ image_processor_type: 'Idefics3ImageProcessor', do_center_crop: true }, /do_center_crop: .*beside tiles/],
    [{ image_processor_type: 'SmolVLMImageProcessor', max_image_size: 512 }, /max_image_size/],
    [{ image_processor_type: 'SmolVLMImageProcessor', max_image_size: { longest_edge: 0 } }, /max_image_size/],
  ])('refuse %j', (content, message) => {
    const parse = () => pretrainedImageProcessor(content, { type: 'CLIPImageProcessor' });
    expect(parse).toThrow(ConfigError);
    expect(parse).toThrow(message);
  });
});
