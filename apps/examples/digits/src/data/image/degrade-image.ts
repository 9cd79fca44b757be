import type { RandomKey } from '@polymodal/core';
import { uniformIn } from '@polymodal/example-material';
import type { ImageDegradation } from '../degradation';
import { addNoise } from './add-noise';
import { blur } from './blur';
import { lowerContrast } from './lower-contrast';
import { coverWithPatch, crossWithBars } from './occlude';
import { warp } from './warp';

/**
 * Makes a picture hard to read: moved, blurred, faded, partly hidden, then noisy, as on the way through a bad camera.
 *
 * @param picture 28 · 28 bytes
 * @returns       28 · 28 bytes
 */
export function degradeImage(picture: Uint8Array, config: ImageDegradation, key: RandomKey): Uint8Array {
  let pixels: Float32Array = new Float32Array(picture).map((value) => value / 255);
  pixels = warp(pixels, config.rotation, config.shift, key.fold('warp'));
  pixels = blur(pixels, uniformIn(config.blur, key.fold('blur')));
  pixels = lowerContrast(pixels, uniformIn(config.contrast, key.fold('contrast')), key.fold('brightness'));
  pixels = coverWithPatch(pixels, config.patch, key.fold('patch'));
  pixels = crossWithBars(pixels, config.bars, key.fold('bars'));
  pixels = addNoise(pixels, uniformIn(config.noise, key.fold('sigma')), key.fold('noise'));
  return Uint8Array.from(pixels.map((value) => Math.round(255 * Math.min(1, Math.max(0, value)))));
}
