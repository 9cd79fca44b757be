import { type EncoderDefinition, hostTensor } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { encoderCase } from '../cases/encoder-case';
import { excludedValuesCannotLeak, withoutExcluded } from '../checks/excluded-values-cannot-leak';
import { withoutPadding } from '../checks/padding-cannot-leak';
import { randomRow } from '../doubles/random-row';
import { TableEncoder, tableEncoder } from '../doubles/table-encoder';
import { complaint } from './complaint';

function table(clean: TableEncoder['clean']) {
  const definition = { ...tableEncoder, create: () => new TableEncoder(3, 4, clean) };
  return encoderCase(definition as unknown as EncoderDefinition, { sample: randomRow, hiddenSize: 4 });
}

describe('a table with missing cells', () => {
  it('passes where what stands in them is replaced', async () => {
    await excludedValuesCannotLeak(
      await table((cells, mask) => tf.where(tf.cast(mask, 'bool'), cells, tf.zerosLike(cells))),
    );
  });

  it('is said to be checked or not, and why', async () => {
    const subject = await table((cells) => cells);
    expect(withoutExcluded(subject)).toBeUndefined();
    expect(withoutPadding(subject)).toContain('its processor has no lengths');
    const full = [
      { cells: hostTensor(new Float32Array(3), [3]), cellsMask: hostTensor(new Float32Array(3).fill(1), [3]) },
    ];
    expect(withoutExcluded({ ...subject, rows: full })).toContain('everything takes part');
  });

  it('is found where they are multiplied by their mask, or read', async () => {
    for (const clean of [tf.mul, (cells: tf.Tensor) => cells]) {
      const subject = await table(clean as TableEncoder['clean']);
      expect(await complaint(() => excludedValuesCannotLeak(subject))).toContain(
        'NaN in what a mask excludes, outputs',
      );
    }
  });
});
