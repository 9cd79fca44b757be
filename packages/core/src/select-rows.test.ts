import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import type { TargetBatch } from './batch';
import { hostTensor } from './features';
import { selectOutput, selectRows, selectTarget } from './select-rows';
import type { EncodedTokens, Fused } from './tokens';

/** Tokens whose numbers tell the row of the batch: row r holds r everywhere. */
function encoded(rows: readonly number[]): EncodedTokens {
  const column = tf.tensor2d([...rows], [rows.length, 1]);
  return {
    tokens: tf.tile(tf.expandDims(column, 2), [1, 2, 3]) as tf.Tensor3D,
    mask: tf.tile(column, [1, 2]) as tf.Tensor2D,
    pooled: tf.tile(column, [1, 3]) as tf.Tensor2D,
    rows: Int32Array.from(rows),
  };
}

const { tokens, mask, pooled } = encoded([0, 1, 2, 3, 4]);
const fused: Fused = {
  tokens,
  mask,
  pooled,
  owner: {
    map: tf.tensor2d(
      [
        [0, -1],
        [0, 1],
        [1, -1],
        [0, 2],
        [2, -1],
      ],
      [5, 2],
      'int32',
    ),
    slots: ['image', 'text', 'audio'],
  },
  gates: { audio: tf.tensor2d([[1], [2], [3], [4], [5]]) },
  usage: { text: tf.tensor2d([[0.1], [0.2], [0.3], [0.4], [0.5]]) },
  encoded: { image: encoded([0, 2, 4]), text: encoded([1, 2]), audio: encoded([3]) },
};

const first = (tensor: tf.Tensor) => [
  ...tf.slice(tf.reshape(tensor, [tensor.shape[0], -1]), [0, 0], [-1, 1]).dataSync(),
];

describe('selectRows', () => {
  it('keeps the rows asked for, and renumbers the encodings of their modalities', () => {
    const selected = selectRows(fused, [1, 2, 4]);
    for (const tensor of [selected.tokens, selected.mask, selected.pooled]) expect(first(tensor)).toEqual([1, 2, 4]);
    expect(selected.tokens.shape).toEqual([3, 2, 3]);
    expect(selected.owner!.slots).toEqual(['image', 'text', 'audio']);
    expect([selected.owner!.map.dtype, selected.owner!.map.arraySync()]).toEqual([
      'int32',
      [
        [0, 1],
        [1, -1],
        [2, -1],
      ],
    ]);
    expect(selected.gates!.audio.arraySync()).toEqual([[2], [3], [5]]);
    expect(Array.from(selected.usage!.text.dataSync())).toEqual(Array.from(Float32Array.of(0.2, 0.3, 0.5)));
    const { image, text } = selected.encoded!;
    expect([...image.rows]).toEqual([1, 2]);
    for (const tensor of [image.tokens, image.mask, image.pooled]) expect(first(tensor)).toEqual([2, 4]);
    expect([...text.rows]).toEqual([0, 1]);
    for (const tensor of [text.tokens, text.mask, text.pooled]) expect(first(tensor)).toEqual([1, 2]);
  });

  it('leaves out modalities that none of the rows has', () => {
    expect(Object.keys(selectRows(fused, [1, 2, 4]).encoded!)).toEqual(['image', 'text']);
    expect(Object.keys(selectRows(fused, [3]).encoded!)).toEqual(['audio']);
  });

  it('gives no part that a fusion does not offer', () => {
    expect(Object.keys(selectRows({ tokens, mask, pooled }, [1]))).toEqual(['tokens', 'mask', 'pooled']);
  });

  it('gives the same fused tokens where every row is asked for', () => {
    expect(selectRows(fused, [0, 1, 2, 3, 4])).toBe(fused);
  });

  it('lets gradients through to the selected rows alone', () => {
    const gradient = tf.grad((values) =>
      tf.sum(selectRows({ ...fused, pooled: values as tf.Tensor2D }, [0, 3]).pooled),
    )(fused.pooled);
    expect(first(gradient)).toEqual([1, 0, 0, 1, 0]);
  });
});

describe('selectTarget', () => {
  const values = { value: hostTensor(Float32Array.of(10, 11, 30, 31), [2, 2]) };
  const target: TargetBatch = {
    rows: Int32Array.of(1, 3),
    features: { value: tf.tensor2d([10, 11, 30, 31], [2, 2]) },
    values,
  };

  it('keeps the targets of the rows asked for, on the backend and in host memory, and renumbers them', () => {
    const selected = selectTarget(target, [0, 3, 4])!;
    expect([...selected.rows]).toEqual([1]);
    expect(selected.features.value.arraySync()).toEqual([[30, 31]]);
    expect(selected.values.value).toEqual(hostTensor(Float32Array.of(30, 31), [1, 2]));
    const all = selectTarget(target, [1, 2, 3])!;
    expect([...all.rows]).toEqual([0, 2]);
    expect(all.features).toBe(target.features);
  });

  it('gives none where none of the rows has one', () => {
    expect(selectTarget(target, [0, 2])).toBeUndefined();
    expect(selectTarget(undefined, [1])).toBeUndefined();
  });
});

describe('selectOutput', () => {
  it('takes rows of every tensor, in records and arrays, but of scalars', () => {
    const column = tf.tensor1d([0, 1, 2]);
    const output = {
      logits: column,
      parts: [tf.stack([column, column], 1), undefined],
      scale: tf.scalar(7),
      name: 'x',
    };
    const selected = selectOutput(output, [0, 2], 3) as typeof output;
    expect([...selected.logits.dataSync()]).toEqual([0, 2]);
    expect((selected.parts[0] as tf.Tensor2D).arraySync()).toEqual([
      [0, 0],
      [2, 2],
    ]);
    expect([selected.parts[1], selected.scale, selected.name]).toEqual([undefined, output.scale, 'x']);
  });

  it('refuses an output of which it does not know what the rows are', () => {
    for (const odd of [{ rows: Int32Array.of(0, 1) }, new Map(), { ofSome: tf.zeros([1, 3]) }]) {
      expect(() => selectOutput(odd, [0], 3)).toThrow(/override selectRows/);
    }
  });
});
