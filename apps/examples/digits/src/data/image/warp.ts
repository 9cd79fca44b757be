import type { RandomKey } from '@polymodal/core';
import { uniformIn } from '@polymodal/example-material';
import { pictureSize } from '../mnist-pictures';

/** Rotates about the centre by up to `rotation` degrees and shifts by up to `shift` pixels, bilinearly. */
export function warp(pixels: Float32Array, rotation: number, shift: number, key: RandomKey): Float32Array {
  const angle = (uniformIn([-rotation, rotation], key.fold('angle')) * Math.PI) / 180;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const right = uniformIn([-shift, shift], key.fold('right'));
  const down = uniformIn([-shift, shift], key.fold('down'));
  const centre = (pictureSize - 1) / 2;
  return pixels.map((_, i) => {
    const x = (i % pictureSize) - centre - right;
    const y = Math.floor(i / pictureSize) - centre - down;
    return interpolate(pixels, centre + cos * x + sin * y, centre - sin * x + cos * y);
  });
}

function interpolate(pixels: Float32Array, x: number, y: number): number {
  const [left, top] = [Math.floor(x), Math.floor(y)];
  const [u, v] = [x - left, y - top];
  return (
    (1 - v) * ((1 - u) * pixel(pixels, left, top) + u * pixel(pixels, left + 1, top)) +
    v * ((1 - u) * pixel(pixels, left, top + 1) + u * pixel(pixels, left + 1, top + 1))
  );
}

function pixel(pixels: Float32Array, x: number, y: number): number {
  const inside = x >= 0 && y >= 0 && x < pictureSize && y < pictureSize;
  return inside ? pixels[y * pictureSize + x] : 0;
}
