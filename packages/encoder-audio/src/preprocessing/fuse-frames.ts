import type { RandomKey } from '@polymodal/core';
import { choose } from './choose';

/**
 * A long spectrogram in four of `frames` frames: the whole, shrunk, and parts that begin in the first, the second and the last
 * third of where parts can begin (HF `ClapFeatureExtractor._random_mel_fusion`).
 *
 * @param spectrogram (total, bins), total > frames
 * @param key         draws where parts begin; without one it is the middle of each third
 */
export function fuseFrames(
  spectrogram: Float32Array,
  total: number,
  frames: number,
  key: RandomKey | undefined,
): Float32Array[] {
  const bins = spectrogram.length / total;
  const parts = thirds(total - frames + 1).map(([first, count], index) => {
    const start = count > 0 ? choose(first, first + count - 1, key?.fold(index)) : 0;
    return spectrogram.subarray(start * bins, (start + frames) * bins);
  });
  return [shrunk(spectrogram, total, frames), ...parts];
}

/** Where each third of `count` begins and how many it holds; what is left over goes to the first ones. */
function thirds(count: number): (readonly [first: number, count: number])[] {
  const base = Math.floor(count / 3);
  const sizes = [0, 1, 2].map((index) => base + (index < count % 3 ? 1 : 0));
  return [
    [0, sizes[0]],
    [sizes[0], sizes[1]],
    [sizes[0] + sizes[1], sizes[2]],
  ];
}

/**
 * Linear interpolation over time, at the centres of the new frames (PyTorch's `bilinear` without `align_corners`). Positions
 * are rounded as PyTorch rounds them, once: at the edge of a pause the value changes by tens of decibels from frame to frame.
 */
function shrunk(spectrogram: Float32Array, total: number, frames: number): Float32Array {
  const bins = spectrogram.length / total;
  const result = new Float32Array(frames * bins);
  const scale = Math.fround(total / frames);
  for (let t = 0; t < frames; t++) {
    const position = Math.max(0, Math.fround(scale * (t + 0.5) - 0.5));
    const before = Math.floor(position);
    const after = Math.min(before + 1, total - 1);
    const share = position - before;
    for (let bin = 0; bin < bins; bin++) {
      result[t * bins + bin] = (1 - share) * spectrogram[before * bins + bin] + share * spectrogram[after * bins + bin];
    }
  }
  return result;
}
