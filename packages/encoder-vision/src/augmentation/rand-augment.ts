import { defineAugmentation } from '@polymodal/core';
import { z } from 'zod';
import { adjustBrightness, adjustContrast, adjustSaturation, adjustSharpness } from './blend-pixels';
import type { BytePixels } from './byte-pixels';
import { movePixels, shearAcross, shearDown, shifted, turned } from './move-pixels';
import { autoContrast, equalize, posterize, solarize } from './tone-tables';

/** The highest magnitude, as torchvision has it: 31 steps. */
const mostMagnitude = 30;

const randAugmentOptions = z.object({
  /** Operations, one after the other, each drawn among all of them. */
  operations: z.int().min(1).max(10).default(2),
  /** How strong each is. */
  magnitude: z.number().min(0).max(mostMagnitude).default(9),
});

/** An operation of a picture, as strong as `strength` from 0 to 1 says; of one that goes two ways, below 0 the other way. */
interface Operation {
  readonly twoWays: boolean;
  apply(picture: BytePixels, strength: number): BytePixels;
}

const way = (apply: Operation['apply']): Operation => ({ twoWays: false, apply });
const eitherWay = (apply: Operation['apply']): Operation => ({ twoWays: true, apply });

/** The fourteen operations of torchvision's `RandAugment`, by its names. */
export const randAugmentOperations: Readonly<Record<string, Operation>> = {
  Identity: way((picture) => picture),
  ShearX: eitherWay((picture, strength) => movePixels(picture, shearAcross(0.3 * strength))),
  ShearY: eitherWay((picture, strength) => movePixels(picture, shearDown(0.3 * strength))),
  TranslateX: eitherWay((picture, strength) => movePixels(picture, shifted(shift(strength, picture.width), 0))),
  TranslateY: eitherWay((picture, strength) => movePixels(picture, shifted(0, shift(strength, picture.height)))),
  Rotate: eitherWay((picture, strength) => movePixels(picture, turned(30 * strength, picture))),
  Brightness: eitherWay((picture, strength) => adjustBrightness(picture, 1 + 0.9 * strength)),
  Color: eitherWay((picture, strength) => adjustSaturation(picture, 1 + 0.9 * strength)),
  Contrast: eitherWay((picture, strength) => adjustContrast(picture, 1 + 0.9 * strength)),
  Sharpness: eitherWay((picture, strength) => adjustSharpness(picture, 1 + 0.9 * strength)),
  Posterize: way((picture, strength) => posterize(picture, 8 - Math.round(4 * strength))),
  Solarize: way((picture, strength) => solarize(picture, 255 * (1 - strength))),
  AutoContrast: way(autoContrast),
  Equalize: way(equalize),
};

/** Whole pixels, at most 150 of a side of 331. */
function shift(strength: number, side: number): number {
  return Math.trunc((150 / 331) * side * strength);
}

/** Operations that are drawn among fourteen, all of one magnitude (Cubuk et al. 2019; torchvision's `RandAugment`). */
export const randAugment = defineAugmentation({
  name: 'rand-augment',
  modality: 'image',
  config: randAugmentOptions,
  create({ operations, magnitude }) {
    const all = Object.values(randAugmentOperations);
    return {
      changeValue(picture: BytePixels, key) {
        let changed = picture;
        for (let turn = 0; turn < operations; turn++) {
          const own = key.fold(turn);
          const { twoWays, apply } = all[own.fold('which').integer(0, all.length)];
          const sign = twoWays && own.fold('way').uniform(1)[0] < 0.5 ? -1 : 1;
          changed = apply(changed, (sign * magnitude) / mostMagnitude);
        }
        return changed;
      },
    };
  },
});
