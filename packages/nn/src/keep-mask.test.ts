import { type Context, Module, RandomKey, trainingContext } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { keepMask } from './keep-mask';
import { describeOnEveryBackend } from './testing/every-backend';

class Owner extends Module {}

const owner = new Owner();
const training = (seed: number): Context => trainingContext(RandomKey.from(seed), owner);

describeOnEveryBackend('keepMask', () => {
  it.each([
    { shape: [3, 5], rate: 0.5, rows: 3 },
    { shape: [2, 3, 64, 64], rate: 0.1, rows: 384 }, // a kernel of the backend, where it has one
    { shape: [96, 1, 1], rate: 0.3, rows: 1 },
    { shape: [7, 9, 100], rate: 0.99, rows: 63 },
  ])('multiplies out the words of its key: $shape at a rate of $rate', ({ shape, rate, rows }) => {
    const mask = tf.tidy(() => keepMask(shape, rate, training(3), owner)!);
    expect(mask.shape).toEqual(shape);
    const words = RandomKey.from(3)
      .fold('')
      .fold(0)
      .words(2 * (rows + mask.size / rows));
    expect(mask.dataSync()).toEqual(multipliedByHand(words, rows, 1 - rate));
    mask.dispose();
  });
});

describe('the masks of dropout', () => {
  const shape = [512, 768];
  const rate = 0.2;
  const draw = (context: Context) =>
    Uint8Array.from(
      tf.tidy(() => keepMask(shape, rate, context, owner)!.dataSync()),
      (value) => Number(value > 0),
    );
  const masks = Array.from({ length: 4 }, (_, seed) => draw(training(seed)));

  it('keep as many as they should, over all, in each row and in each column', () => {
    const [rows, columns] = shape;
    for (const mask of masks) {
      const ofRow = new Float64Array(rows);
      const ofColumn = new Float64Array(columns);
      mask.forEach((kept, at) => {
        ofRow[Math.floor(at / columns)] += kept;
        ofColumn[at % columns] += kept;
      });
      expect(chiSquare(ofRow, columns)).toBeLessThan(chiSquareBound(rows));
      expect(chiSquare(ofColumn, rows)).toBeLessThan(chiSquareBound(columns));
      const all = ofRow.reduce((sum, count) => sum + count, 0);
      expect(chiSquare([all], mask.length)).toBeLessThan(chiSquareBound(1));
    }
  });

  it('keep elements without regard to their neighbours, in rows and columns', () => {
    for (const mask of masks) {
      for (const distance of [1, 2, 3, 64, 768, 2 * 768, 256 * 768]) {
        expectUncorrelated(mask.length - distance, (at) => [mask[at], mask[at + distance]]);
      }
    }
  });

  it('keep the fourth corner of a rectangle without regard to the other three', () => {
    const [rows, columns] = shape;
    for (const [down, right] of [
      [1, 1],
      [1, 384],
      [256, 1],
      [101, 77],
    ]) {
      const corners = (mask: Uint8Array, at: number) => {
        const [i, j] = [Math.floor(at / columns), at % columns];
        const [below, beside] = [((i + down) % rows) * columns, (j + right) % columns];
        return [mask[at], mask[i * columns + beside], mask[below + j], mask[below + beside]];
      };
      for (const mask of masks) {
        expectUncorrelated(mask.length, (at) => corners(mask, at));
      }
    }
  });

  it('have nothing in common from step to step, from layer to layer and from call to call', () => {
    const context = training(0);
    draw(context); // the first call of the module
    const again = draw(context);
    const next = draw(trainingContext(RandomKey.from(0).fold(1), owner));
    const others = [masks[1], masks[2], again, next];
    for (const other of others) expectUncorrelated(other.length, (at) => [masks[0][at], other[at]]);
  });

  it('keep pairs of bits apart as binomials of a fair coin do', () => {
    const counts = new Float64Array(9);
    const fair = tf.tidy(() => keepMask(shape, 0.5, training(9), owner)!.dataSync());
    for (let at = 0; at < fair.length; at += 8) counts[fair.subarray(at, at + 8).filter((own) => own > 0).length]++;
    const binomial = [1, 8, 28, 56, 70, 56, 28, 8, 1].map((ways) => (ways / 256) * (fair.length / 8));
    const statistic = counts.reduce((sum, count, kept) => sum + (count - binomial[kept]) ** 2 / binomial[kept], 0);
    expect(statistic).toBeLessThan(chiSquareBound(8));
  });

  /** Σ (kept − n p)² / (n p (1 − p)) of counts of n draws each. */
  function chiSquare(counts: ArrayLike<number>, draws: number): number {
    const keep = 1 - rate;
    return Array.from(counts).reduce((sum, kept) => sum + (kept - draws * keep) ** 2 / (draws * keep * rate), 0);
  }

  /** The mean of products of deviations is 0 within six standard deviations. */
  function expectUncorrelated(count: number, draws: (at: number) => readonly number[]): void {
    let sum = 0;
    let order = 0;
    for (let at = 0; at < count; at++) {
      const own = draws(at);
      order = own.length;
      sum += own.reduce((product, kept) => product * (kept - (1 - rate)), 1);
    }
    const deviation = (rate * (1 - rate)) ** (order / 2) * Math.sqrt(count);
    expect(Math.abs(sum)).toBeLessThan(6 * deviation);
  }
});

/** χ² of so many degrees of freedom stays below it but for once in many millions of times. */
function chiSquareBound(freedom: number): number {
  return freedom + 8 * Math.sqrt(2 * freedom) + 24;
}

/** In integers of any size. */
function multipliedByHand(words: Int32Array, rows: number, keep: number): Float32Array {
  const columns = words.length / 2 - rows;
  const threshold = BigInt(Math.round(keep * 2 ** 32) - 2 ** 31);
  return Float32Array.from({ length: rows * columns }, (_, at) => {
    const [i, j] = [Math.floor(at / columns), at % columns];
    const even = BigInt(words[rows + i]) - (BigInt(words[rows + i]) & 1n);
    const odd = BigInt(words[2 * rows + columns + j]) | 1n;
    const product = BigInt.asIntN(32, BigInt(words[i] ^ words[2 * rows + j]) * (even + odd));
    return product < threshold ? 1 / keep : 0;
  });
}
