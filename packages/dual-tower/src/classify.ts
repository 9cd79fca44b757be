import { requireArgument, SampleError } from '@polymodal/core';
import type { EmbedOptions } from '@polymodal/hub';
import * as tf from '@tensorflow/tfjs-core';
import { embed, type PretrainedDualTower, type RawValues, requireDualTower } from './embed';

/**
 * How probable each text is for each picture (or sound): zero-shot classification, where the texts describe the classes.
 *
 * ```ts
 * const [[cat, dog]] = await classify(pretrained, { image: ['cat.jpg'], text: ['a photo of a cat', 'a photo of a dog'] });
 * ```
 *
 * Of CLIP the probabilities of a picture sum to 1. Of SigLIP each says by itself whether picture and text belong together, and
 * all may be small.
 *
 * @returns for each picture, in their order, that of each text
 * @throws SampleError for a value that cannot be read, or no text at all, ConfigError for arguments of the wrong kind
 * @throws UnknownNameError for a modality that the model has not, StateError for one whose processor had no files beside it
 */
export async function classify<Other extends string, Raw>(
  pretrained: PretrainedDualTower<Other, Raw>,
  values: RawValues<Other, Raw>,
  options?: EmbedOptions,
): Promise<number[][]> {
  requireDualTower(pretrained, 'classify');
  const { model } = pretrained;
  for (const modality of ['text', model.other] as const) {
    requireArgument(Array.isArray(values?.[modality]), `classify, ${modality}`, 'a list of values', values?.[modality]);
  }
  if (values.text.length === 0) {
    throw new SampleError({ where: 'text', expected: 'at least one text to choose from', received: 'none' });
  }
  const { text, [model.other]: others } = await embed(pretrained, values, options);
  if (others.length === 0) return [];
  const probabilities = tf.tidy(() => model.probabilities(model.compare(stacked(others), stacked(text))));
  const rows = (await probabilities.array()) as number[][];
  probabilities.dispose();
  return rows;
}

/** (E) of each row → (B, E) */
function stacked(rows: readonly Float32Array[]): tf.Tensor2D {
  const values = new Float32Array(rows.length * rows[0].length);
  rows.forEach((row, index) => {
    values.set(row, index * row.length);
  });
  return tf.tensor2d(values, [rows.length, rows[0].length]);
}
