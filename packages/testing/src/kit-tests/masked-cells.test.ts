import {
  type EncodedTokens,
  Encoder,
  type EncoderDefinition,
  type Features,
  hostTensor,
  type ModalityBatch,
  type Processor,
  padAndStack,
  type RandomKey,
  type Tokens,
} from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { encoderCase } from '../cases/encoder-case';
import { excludedValuesCannotLeak, withoutExcluded } from '../checks/excluded-values-cannot-leak';
import { withoutPadding } from '../checks/padding-cannot-leak';
import { Linear } from '../doubles/linear';
import { complaint } from './complaint';

const numCells = 3;

/** A row of a table, of which a cell may be missing (null). */
class TableProcessor implements Processor<readonly (number | null)[]> {
  readonly masks = { cellsMask: ['cells'] };

  process(raw: readonly (number | null)[]): Features {
    return {
      cells: hostTensor(
        Float32Array.from(raw, (cell) => cell ?? 0),
        [numCells],
      ),
      cellsMask: hostTensor(
        Float32Array.from(raw, (cell) => Number(cell !== null)),
        [numCells],
      ),
    };
  }

  collate(rows: readonly Features[]): Features {
    return {
      cells: padAndStack(rows.map(({ cells }) => cells)),
      cellsMask: padAndStack(rows.map(({ cellsMask }) => cellsMask)),
    };
  }

  shape() {
    return {};
  }
}

/** One token a row, from its cells. `clean` takes out the missing ones. */
class TableEncoder extends Encoder {
  readonly hiddenSize = 4;
  readonly depth = 0;
  readonly projection = new Linear(numCells, 4);

  constructor(readonly clean: (cells: tf.Tensor, mask: tf.Tensor) => tf.Tensor) {
    super();
  }

  embed({ features, rows }: ModalityBatch): Tokens {
    const cells = this.clean(features.cells, features.cellsMask) as tf.Tensor2D;
    const tokens = tf.expandDims(this.projection.forward(cells), 1) as tf.Tensor3D; // (P, 1, D)
    return { tokens, mask: tf.ones([rows.length, 1]), rows };
  }

  layer(_: number, tokens: Tokens): Tokens {
    return tokens;
  }

  finish(tokens: Tokens): EncodedTokens {
    return { ...tokens, pooled: tf.squeeze(tokens.tokens, [1]) };
  }
}

function table(clean: TableEncoder['clean']) {
  const definition = {
    name: 'table',
    modality: 'table',
    processor: { config: z.object({}), create: () => new TableProcessor() },
    config: z.object({}),
    create: () => new TableEncoder(clean),
  };
  const sample = (key: RandomKey) =>
    Array.from({ length: numCells }, (_, cell) =>
      key.fold(cell).integer(0, 3) === 0 ? null : key.fold(cell).normal(1)[0],
    );
  return encoderCase(definition as unknown as EncoderDefinition, { sample, hiddenSize: 4 });
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
