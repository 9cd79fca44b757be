import { type Fused, inferenceContext, SampleError, uploadBatch } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import type { SceneObject } from '../scene/scene';
import { EvidenceHead } from './evidence-head';
import { EvidenceTarget } from './evidence-target';

const target = new EvidenceTarget({ cells: 2, cellSize: 8 });
const at = (x: number, y: number): SceneObject => ({ colour: 'red', shape: 'circle', x, y, radius: 4 });

/** Of tokens of width 3: with this weight the logits of a position are its token. */
function echo(): EvidenceHead {
  const head = new EvidenceHead('image', 3, 4);
  head.linear.weight.assignValues(tf.eye(3).dataSync() as Float32Array);
  head.linear.bias!.assignValues(new Float32Array(3));
  return head;
}

/** Two rows of six tokens, the n-th of which is n, n, n; four of each are a picture's, at other places in each. */
function fused(): Fused {
  const tokens = tf.tile<tf.Tensor3D>(tf.reshape(tf.range(0, 6), [1, 6, 1]), [2, 1, 3]);
  const map = tf.tensor2d([-1, 1, 1, 1, 1, 0, 1, 0, 1, 1, -1, 1], [2, 6], 'int32');
  return {
    tokens,
    mask: tf.ones([2, 6]),
    pooled: tf.zeros([2, 3]),
    owner: { map, slots: ['text', 'image'] },
  };
}

describe('EvidenceHead', () => {
  it("reads the picture's tokens in their order, wherever they stand", () => {
    const logits = echo().forward({ fused: fused(), parent: undefined });
    expect(logits.shape).toEqual([2, 4, 3]);
    const first = tf.slice(logits, [0, 0, 0], [2, 4, 1]).dataSync();
    expect([...first]).toEqual([1, 2, 3, 4, 0, 2, 3, 5]);
  });

  it('learns the part of the object in each cell', () => {
    const evidence = target.process({ subject: at(4, 12), others: [at(12, 12)] });
    expect([...evidence.parts.data]).toEqual([0, 0, 1, 2]); // row by row
    const wanted = { rows: Int32Array.of(1), features: target.collate([evidence]) };
    const { targets } = uploadBatch({ size: 2, modalities: {}, targets: { evidence: wanted } });
    const head = echo();
    const logits = head.forward({ fused: fused(), parent: undefined });
    const { crossEntropy } = head.loss(targets.evidence as never);
    expect(crossEntropy.count).toBe(1);
    expect(crossEntropy.sum(logits, inferenceContext()).dataSync()[0]).toBeCloseTo(4 * Math.log(3), 5); // all alike
    expect(head.loss(undefined)).toEqual({});
  });

  it('says which part each has', () => {
    const parts = { data: Float32Array.of(0, 1, 2, 0), shape: [1, 4] };
    expect(echo().answers({ parts })).toEqual([['none', 'subject', 'other', 'none']]);
  });

  it('takes a subject and others alone', () => {
    expect(() => target.process({} as never)).toThrow(SampleError);
  });
});
