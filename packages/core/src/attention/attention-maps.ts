import * as tf from '@tensorflow/tfjs-core';
import { disposeBatch, uploadBatch } from '../batch';
import { inferenceContext } from '../context';
import type { Model } from '../model';
import { requireArgument } from '../require-argument';
import type { Sample } from '../sample';
import type { AttendedTokens } from './attended-tokens';

/** How tokens of a model's fusion attend to those of one slot of a sample, at one place. */
export interface AttentionMap extends Pick<AttendedTokens, 'place' | 'query' | 'slot'> {
  /** How many tokens query, and how many of the slot there are. */
  readonly shape: readonly [queries: number, tokens: number];
  /** Shares, a row for each query: see {@link AttendedTokens}. */
  readonly weights: Float32Array;
}

/**
 * Where a model's fusion looks: the weights of its attention to the tokens of each slot, at each place where modalities attend to one
 * another. It runs the sample by itself, and what predicts and learns computes nothing for it.
 *
 * ```ts
 * const maps = await attentionMaps(model, { photo: 'scene.png', question: 'What is left of the circle?' });
 * for (const { place, query, slot, shape, weights } of maps) console.log(place, query, slot, shape, weights);
 * // layers.0 undefined photo [1, 36] …   of a class token, to a grid of 6 × 6
 * ```
 *
 * Attention says where a pass has looked, and not what its answer rests on: compare Jain and Wallace 2019, "Attention is not
 * Explanation".
 *
 * @returns in the order of the pass; none of a fusion that tells nothing (see `Context.tellAttention`)
 * @throws SampleError for a sample that cannot be read or has no modality
 */
export async function attentionMaps(model: Model, sample: Sample): Promise<AttentionMap[]> {
  requireArgument(typeof model?.prepare === 'function', 'attentionMaps', 'a model', model);
  const batch = uploadBatch(model.collate([await model.prepare(sample)]));
  const told: AttendedTokens[] = [];
  try {
    const context = inferenceContext({ tellAttention: (own) => void told.push(own) });
    tf.tidy(() => {
      model.forward(batch, context, []);
      return told.map(({ weights }) => weights);
    });
    return await Promise.all(
      told.map(async ({ place, query, slot, weights }): Promise<AttentionMap> => {
        const [, queries, tokens] = weights.shape;
        return { place, query, slot, shape: [queries, tokens], weights: await weights.data<'float32'>() };
      }),
    );
  } finally {
    tf.dispose(told.map(({ weights }) => weights));
    disposeBatch(batch);
  }
}
