import { ConfigError, parseConfig } from '@polymodal/core';
import { type Adjustment, parseJsonFile, withJsonFile } from '@polymodal/hub';
import { perAxis } from '@polymodal/nn';
import { z } from 'zod';
import { type Sides, sidesOption } from '../sides';
import type { ImageProcessorType } from './image-processor-type';
import type { ImageSize } from './image-size';
import { parsePreprocessorOptions } from './preprocessor-options';

/**
 * The adjustment `imageSize`: pictures of these sides come out of the image processor. Where it cuts out the middle, that is the
 * same share of the picture as before.
 *
 * @param type      whose defaults hold in a file that names none
 * @param patchSize where config.json says nothing of it
 */
export function resizesImages(type: ImageProcessorType, patchSize: number): Adjustment<typeof sidesOption> {
  return {
    value: sidesOption,
    change(value, { config, contents }) {
      const sides = perAxis(value);
      checkSides(sides, perAxis(parseConfig(sidesOption, config.patch_size ?? patchSize, 'patch_size')));
      const file = processorFile(contents);
      const { size, crop, tiling } = parsePreprocessorOptions(file.options, type);
      if (!size || tiling) {
        const expected = 'an image processor that resizes pictures to sides of their own';
        const received = `${file.name} with ${tiling ? 'tiles' : 'do_resize: false'}`;
        throw new ConfigError({ where: 'imageSize', expected, received });
      }
      const [height, width] = sides;
      const changed = crop
        ? { size: scaled(size, height / crop[0], width / crop[1]), crop_size: { height, width } }
        : {
            size: typeof value === 'number' && 'shortest_edge' in size ? edges(size, value) : { height, width },
          };
      return {
        contents: withJsonFile(contents, file.name, file.wrap({ ...file.options, image_size: undefined, ...changed })),
      };
    },
  };
}

/** Where the options of the image processor stand: a file of their own, or one for several processors. */
function processorFile(contents: ReadonlyMap<string, Uint8Array>) {
  const options = z.looseObject({});
  const alone = contents.get('preprocessor_config.json');
  if (alone) {
    const name = 'preprocessor_config.json';
    return { name, options: parseJsonFile(alone, name, options), wrap: (changed: object) => ({ ...changed }) };
  }
  const name = 'processor_config.json';
  const several = contents.get(name);
  const inner =
    several && parseJsonFile(several, name, z.looseObject({ image_processor: options.nullish() })).image_processor;
  if (inner) return { name, options: inner, wrap: (image_processor: object) => ({ image_processor }) };
  const expected = 'a folder with preprocessor_config.json, which says how pictures are resized';
  throw new ConfigError({ where: 'imageSize', expected, received: `one with ${[...contents.keys()].join(', ')}` });
}

function checkSides([height, width]: Sides, [down, across]: Sides): void {
  if (height >= down && width >= across) return;
  const expected = `at least ${down} × ${across} pixels, a patch`;
  throw new ConfigError({ where: 'imageSize', expected, received: `${height} × ${width}` });
}

/** A size that is so many times as large; of one that is an edge's, the larger of both. */
function scaled(size: ImageSize, down: number, across: number): ImageSize {
  if ('height' in size) return { height: Math.round(size.height * down), width: Math.round(size.width * across) };
  if ('max_height' in size) {
    return { max_height: Math.round(size.max_height * down), max_width: Math.round(size.max_width * across) };
  }
  if (!('shortest_edge' in size)) return { longest_edge: Math.round(size.longest_edge * Math.max(down, across)) };
  return edges(size, Math.round(size.shortest_edge * Math.max(down, across)));
}

function edges(size: Extract<ImageSize, { shortest_edge: number }>, shortest: number): ImageSize {
  const { longest_edge: longest } = size;
  const scale = shortest / size.shortest_edge;
  return { shortest_edge: shortest, ...(longest != null && { longest_edge: Math.round(longest * scale) }) };
}
