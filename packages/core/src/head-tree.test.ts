import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import type { Batch } from './batch';
import { inferenceContext } from './context';
import { MissingModalityError, UnknownNameError } from './errors';
import { describeRequirements, fulfils, type Requirements } from './head';
import { HeadTree } from './head-tree';
import { TotalHead } from './test-parts';
import type { Fused } from './tokens';

/** A batch whose rows have the modalities named. */
function batchOf(...rows: readonly (readonly string[])[]): Batch {
  const names = [...new Set(rows.flat())];
  const modalities = names.map((name) => {
    const present = rows.flatMap((modalities, row) => (modalities.includes(name) ? [row] : []));
    return [name, { rows: Int32Array.from(present), features: {} }];
  });
  return { size: rows.length, modalities: Object.fromEntries(modalities), targets: rows.map(() => undefined) };
}

function tree(heads: Readonly<Record<string, readonly [Requirements, string?]>>): HeadTree {
  const entries = Object.entries(heads);
  return new HeadTree(
    Object.fromEntries(entries.map(([name, [requires]], i) => [name, new TotalHead(name, requires, 10 ** i)])),
    Object.fromEntries(entries.map(([name, [, input]]) => [name, input ?? 'fused'])),
  );
}

const batch = batchOf(['image'], ['image', 'text'], ['text', 'audio']);

describe('HeadTree', () => {
  it('runs each head on the rows that have what it requires', () => {
    const heads = tree({ any: [{}], seen: [{ all: ['image'] }], matched: [{ count: 2 }], heard: [{ any: ['audio'] }] });
    expect(heads.routes(batch)).toEqual([
      { name: 'any', rows: [0, 1, 2] },
      { name: 'seen', rows: [0, 1] },
      { name: 'matched', rows: [1, 2] },
      { name: 'heard', rows: [2] },
    ]);
  });

  it('leaves out a head that can run on no row', () => {
    expect(tree({ any: [{}], smelt: [{ all: ['smell'] }] }).routes(batch)).toEqual([{ name: 'any', rows: [0, 1, 2] }]);
  });

  it('asks of a row what the heads that feed a head require as well', () => {
    const heads = tree({ any: [{}], seen: [{ all: ['image'] }], both: [{ all: ['text'] }, 'seen'] });
    expect(heads.routes(batch).at(-1)).toEqual({ name: 'both', rows: [1] });
  });

  it('says which modality a row lacks for a head that was asked for by name', () => {
    const heads = tree({ any: [{}], seen: [{ all: ['image'] }] });
    expect(() => heads.routes(batch, ['seen'])).toThrow(MissingModalityError);
    expect(() => heads.routes(batch, ['seen'], (row) => `sample ${row + 10}`)).toThrow(
      'sample 12, head "seen": expected all of image, received text, audio. Give the sample what is missing, or ask for other heads.',
    );
    expect(heads.routes(batch, ['any'])).toEqual([{ name: 'any', rows: [0, 1, 2] }]);
  });

  it('refuses a row that no head can run on', () => {
    expect(() => tree({ seen: [{ all: ['image'] }], heard: [{ any: ['audio'] }] }).routes(batchOf(['text']))).toThrow(
      'row 0, head "seen": expected all of image, received text.',
    );
  });

  it('has nothing to run where a model has no heads', () => {
    expect(tree({}).routes(batch)).toEqual([]);
  });

  it('suggests a name for an unknown head', () => {
    const heads = tree({ classification: [{}] });
    expect(() => heads.routes(batch, ['clasification'])).toThrow(UnknownNameError);
    expect(() => heads.routes(batch, ['clasification'])).toThrow('Did you mean "classification"?');
    expect(() => heads.routes(batch, ['toString'])).toThrow(UnknownNameError);
  });

  it('runs a parent before its child, on the rows of the child', () => {
    const pooled = tf.tensor2d([[1], [2], [3]]);
    const fused: Fused = { tokens: tf.expandDims(pooled, 1), mask: tf.ones([3, 1]), pooled, spans: {}, encoded: {} };
    const heads = tree({ root: [{}], child: [{}, 'root'], grandchild: [{}, 'child'] });
    const input = (name: string, rows: number[]) => heads.input(name, rows, fused, inferenceContext());
    expect(input('root', [0, 2]).parent).toBeUndefined();
    expect([...input('root', [0, 2]).fused.pooled.dataSync()]).toEqual([1, 3]);
    expect([...(input('child', [0, 2]).parent as tf.Tensor).dataSync()]).toEqual([1, 3]);
    // the child makes ten times its row, plus what the root made
    expect([...(input('grandchild', [1]).parent as tf.Tensor).dataSync()]).toEqual([22]);
  });
});

describe('requirements', () => {
  it('are met by all, any and enough modalities together', () => {
    const requires = { all: ['a'], any: ['b', 'c'], count: 3 };
    expect(fulfils(requires, ['a', 'b', 'd'])).toBe(true);
    expect(fulfils(requires, ['a', 'b'])).toBe(false);
    expect(fulfils(requires, ['b', 'c', 'd'])).toBe(false);
    expect(fulfils(requires, ['a', 'd', 'e'])).toBe(false);
    expect(fulfils({}, ['a'])).toBe(true);
  });

  it('are told in words', () => {
    expect(describeRequirements({ all: ['a', 'b'], any: ['c'], count: 2 })).toBe(
      'all of a, b and any of c and at least 2 modalities',
    );
    expect(describeRequirements({})).toBe('nothing');
  });
});
