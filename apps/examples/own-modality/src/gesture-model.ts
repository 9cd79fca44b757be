import { composeModel, createRegistry, type Model } from '@polymodal/core';
import { text } from '@polymodal/encoder-text';
import { fusion } from '@polymodal/fusion';
import { heads } from '@polymodal/heads';
import { gestures } from './gestures/motion.js';
import { imu } from './index.js';

/** The parts of the library and the one of this package, side by side. */
export const registry = createRegistry([imu, text, fusion, heads]);

/** A model that names a gesture from its motion, from a word about it, or from both. */
export function gestureModel(seed = 0): Model {
  const layers = { numHiddenLayers: 1, hiddenDropout: 0.05 };
  return composeModel(registry, {
    hiddenSize: 32,
    seed,
    encoders: {
      motion: { use: 'imu-conv', scale: [10, 10, 10, 4, 4, 4], ...layers }, // m/s² and rad/s
      word: { use: 'transformer', maxLength: 16, ...layers },
    },
    fusion: { use: 'masked-transformer', ...layers },
    heads: { gesture: { use: 'classification', labels: [...gestures] } },
  });
}
