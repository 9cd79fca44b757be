import {
  ConfigError,
  composeModel,
  createRegistry,
  type Fused,
  inferenceContext,
  SampleError,
  uploadBatch,
} from '@polymodal/core';
import { text } from '@polymodal/encoder-text';
import { fusion } from '@polymodal/fusion';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { MeaningHead, meaning } from './meaning-head';
import { MeaningTarget } from './meaning-target';

const target = new MeaningTarget({ size: 2 });
const head = new MeaningHead('text');

/** Three rows, whose encoder makes of them what the pooled representation behind it is not. */
function fused(): Fused {
  const pooled = tf.tensor2d([1, 2, 3, 4, 5, 6], [3, 2]);
  const [tokens, mask] = [tf.expandDims<tf.Tensor3D>(pooled, 1), tf.ones<tf.Rank.R2>([3, 1])];
  const encoded = { text: { tokens, mask, pooled, rows: Int32Array.of(0, 1, 2) } };
  return { tokens, mask, pooled: tf.zeros([3, 2]), encoded };
}

describe('MeaningHead', () => {
  it('says the vector that the encoder makes of each value', () => {
    const { vectors } = head.scores(head.forward({ fused: fused(), parent: undefined }));
    const host = { data: vectors.dataSync() as Float32Array, shape: vectors.shape };
    expect(head.answers({ vectors: host })).toEqual(
      [
        [1, 2],
        [3, 4],
        [5, 6],
      ].map((own) => Float32Array.from(own)),
    );
  });

  it('learns how far that is from what another encoder made of it', () => {
    const rows = [Float32Array.of(1, 0), Float32Array.of(8, 10)].map((vector) => target.process(vector));
    const wanted = { rows: Int32Array.of(0, 2), features: target.collate(rows) };
    const { targets } = uploadBatch({ size: 3, modalities: {}, targets: { meaning: wanted } });
    const { meanSquare } = head.loss(targets.meaning as never);
    expect(meanSquare.count).toBe(2);
    const output = head.forward({ fused: fused(), parent: undefined });
    expect(meanSquare.sum(output, inferenceContext()).dataSync()[0]).toBe((4 + (9 + 16)) / 2);
    expect(head.loss(undefined)).toEqual({});
    const said = [Float32Array.of(1, 2), Float32Array.of(3, 4), Float32Array.of(5, 6)];
    expect(head.evaluate(said, [rows[0], undefined, rows[1]])).toEqual({ meanSquare: (4 + 25) / 4 });
  });

  it.each([[Float32Array.of(1)], [Float32Array.of(1, Number.NaN)], [[1, 2]], [undefined]])('refuses %s', (vector) => {
    expect(() => target.process(vector as never)).toThrow(SampleError);
  });

  it('refuses a size that is not that of the encoder', () => {
    const make = () =>
      composeModel(createRegistry([text, fusion, meaning]), {
        hiddenSize: 8,
        encoders: { note: { use: 'transformer', numHiddenLayers: 1, numAttentionHeads: 2 } },
        fusion: { use: 'mean' },
        heads: { sense: { use: 'meaning', slot: 'note', size: 4 } },
      });
    expect(make).toThrow(ConfigError);
    expect(make).toThrow(/size: expected 8, as the encoder of note, received 4/);
  });
});
