import { defineAugmentation, drawWithin } from '@polymodal/core';
import { z } from 'zod';
import { adjustBrightness, adjustContrast, adjustSaturation } from './blend-pixels';
import type { BytePixels } from './byte-pixels';
import { turnHue } from './turn-hue';

const strength = z.number().min(0).max(10).default(0);

const colourJitterOptions = z.object({
  /** Factors are drawn from 1 − it, and at least 0, to 1 + it. */
  brightness: strength,
  contrast: strength,
  saturation: strength,
  /** Share of the circle of colours, either way. */
  hue: z.number().min(0).max(0.5).default(0),
});

type Change = (picture: BytePixels, factor: number) => BytePixels;

const changes = { brightness: adjustBrightness, contrast: adjustContrast, saturation: adjustSaturation, hue: turnHue };

/**
 * Brightness, contrast, saturation and hue, each by a factor of its own and in any order (torchvision's `ColorJitter`).
 *
 * ```ts
 * const augment = { photo: [colourJitter({ brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: 0.1 })] };
 * ```
 */
export const colourJitter = defineAugmentation({
  name: 'colour-jitter',
  modality: 'image',
  config: colourJitterOptions,
  create(options) {
    const names = (['brightness', 'contrast', 'saturation', 'hue'] as const).filter((name) => options[name] > 0);
    return {
      changeValue(picture: BytePixels, key) {
        const order = [...key.fold('order').shuffle(names.length)];
        return order.reduce((own, place) => {
          const name = names[place];
          const by = options[name];
          const range = name === 'hue' ? ([-by, by] as const) : ([Math.max(0, 1 - by), 1 + by] as const);
          const change: Change = changes[name];
          return change(own, drawWithin(range, key.fold(name)));
        }, picture);
      },
    };
  },
});
