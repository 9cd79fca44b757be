import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { batchOf, forward, loadFixture } from '../testing/language-models';

/** Ids, and 0 for what takes no part: what a fusion leaves out of a text. */
const texts = [
  [7, 12, 0, 3, 9, 0, 0, 21, 5, 30],
  [4, 0, 8, 17, 2, 26, 6, 1],
];

it.each(['gpt2', 'llama', 'qwen2-windows'])(
  'what takes no part within a text is as if it were not there: %s',
  async (name) => {
    const { model } = await loadFixture(name);
    const { modalities, ...batch } = batchOf(texts);
    const { inputIds } = modalities.text.features;
    const mask = tf.cast(tf.greater(inputIds, 0), 'float32');
    const withGaps = { ...batch, modalities: { text: { ...modalities.text, features: { inputIds, mask } } } };
    const logits = await forward(model, withGaps).array();
    const without = await forward(model, batchOf(texts.map((text) => text.filter((id) => id > 0)))).array();
    texts.forEach((text, row) => {
      const kept = logits[row].filter((_, place) => (text[place] ?? 0) > 0);
      const off = kept.flatMap((values, place) => values.map((value, v) => Math.abs(value - without[row][place][v])));
      expect(Math.max(...off)).toBeLessThan(1e-5);
    });
    model.dispose();
  },
);
