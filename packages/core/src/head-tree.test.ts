import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { MissingModalityError, UnknownNameError } from './errors';
import { HeadTree } from './head-tree';
import type { PresentRows } from './present-rows';
import { describeRequirements, fulfils, type Requirements } from './requirements';
import { TotalHead } from './testing/test-parts';
import type { Fused } from './tokens';

/** Rows that have the modalities named. */
function rowsWith(...rows: readonly (readonly string[])[]): PresentRows {
  const names = [...new Set(rows.flat())];
  const present = names.map((name) => [
    name,
    Int32Array.from(rows.flatMap((modalities, row) => (modalities.includes(name) ? [row] : []))),
  ]);
  return { size: rows.length, rows: Object.fromEntries(present) };
}

function tree(
  heads: Readonly<Record<string, readonly [Requirements, string?]>>,
  ofFusion: Requirements = {},
): HeadTree {
  const entries = Object.entries(heads);
  return new HeadTree(
    Object.fromEntries(entries.map(([name, [requires]], i) => [name, new TotalHead(requires, 10 ** i)])),
    Object.fromEntries(entries.map(([name, [, input]]) => [name, input ?? 'fused'])),
    ofFusion,
  );
}

const present = rowsWith(['image'], ['image', 'text'], ['text', 'audio']);

describe('HeadTree', () => {
  it('runs each head on the rows that have what it requires', () => {
    const heads = tree({ any: [{}], seen: [{ all: ['image'] }], matched: [{ count: 2 }], heard: [{ any: ['audio'] }] });
    expect(heads.routes(present)).toEqual([
      { name: 'any', rows: [0, 1, 2] },
      { name: 'seen', rows: [0, 1] },
      { name: 'matched', rows: [1, 2] },
      { name: 'heard', rows: [2] },
    ]);
  });

  it('leaves out a head that can run on no row', () => {
    expect(tree({ any: [{}], smelt: [{ all: ['smell'] }] }).routes(present)).toEqual([
      { name: 'any', rows: [0, 1, 2] },
    ]);
  });

  it('asks of a row what the heads that feed a head require as well', () => {
    const heads = tree({ any: [{}], seen: [{ all: ['image'] }], both: [{ all: ['text'] }, 'seen'] });
    expect(heads.routes(present).at(-1)).toEqual({ name: 'both', rows: [1] });
  });

  it('asks of a row what the config requires, and what the head does by itself', () => {
    const head = new TotalHead({ all: ['image'] }, 1);
    const heads = new HeadTree({ seen: head }, { seen: 'fused' }, {}, { seen: { any: ['text'] } });
    expect(heads.canRun('seen', ['image', 'text'])).toBe(true);
    for (const own of [['image'], ['text']]) expect(heads.canRun('seen', own)).toBe(false);
  });

  it('says which modality a row lacks for a head that was asked for by name', () => {
    const heads = tree({ any: [{}], seen: [{ all: ['image'] }] });
    expect(() => heads.routes(present, ['seen'])).toThrow(MissingModalityError);
    expect(() => heads.routes(present, ['seen'], (row) => `sample ${row + 10}`)).toThrow(
      'sample 12, head "seen": expected all of image, received text, audio. Give the sample what is missing, or ask for other heads.',
    );
    expect(heads.routes(present, ['any'])).toEqual([{ name: 'any', rows: [0, 1, 2] }]);
  });

  it('refuses a row that no head can run on', () => {
    expect(() => tree({ seen: [{ all: ['image'] }], heard: [{ any: ['audio'] }] }).routes(rowsWith(['text']))).toThrow(
      'row 0, head "seen": expected all of image, received text.',
    );
  });

  it('has nothing to run where a model has no heads', () => {
    expect(tree({}).routes(present)).toEqual([]);
  });

  it('suggests a name for an unknown head', () => {
    const heads = tree({ classification: [{}] });
    expect(() => heads.routes(present, ['clasification'])).toThrow(UnknownNameError);
    expect(() => heads.routes(present, ['clasification'])).toThrow('Did you mean "classification"?');
    expect(() => heads.routes(present, ['toString'])).toThrow(UnknownNameError);
  });

  it('says which head it is that lacks something, where one is fed by another', () => {
    const heads = tree({ seen: [{ all: ['image'] }], more: [{}, 'seen'] });
    expect(() => heads.routes(rowsWith(['text']), ['more'])).toThrow(
      'row 0, head "more": expected all of image, which the head "seen" that feeds it requires, received text.',
    );
  });

  it('asks of a row what the fusion requires as well, and says so', () => {
    const heads = tree({ any: [{}], more: [{}, 'any'] }, { all: ['text'] });
    expect(heads.canRun('more', ['text'])).toBe(true);
    expect(heads.canRun('any', ['image'])).toBe(false);
    expect(() => heads.routes(present)).toThrow(
      'row 0, head "any": expected all of text, which the fusion requires, received image.',
    );
  });

  it('plans each head once, parents first, on every row that a child needs, and nothing that nobody needs', () => {
    const heads = tree({
      grandchild: [{ all: ['text'] }, 'child'],
      child: [{}, 'root'],
      other: [{ all: ['image'] }, 'root'],
      root: [{}],
      alone: [{}],
    });
    expect(heads.plan(heads.routes(present, ['child']))).toEqual([
      { name: 'root', rows: [0, 1, 2] },
      { name: 'child', rows: [0, 1, 2] },
    ]);
    expect(
      heads.plan([
        { name: 'grandchild', rows: [2] },
        { name: 'other', rows: [0, 1] },
      ]),
    ).toEqual([
      { name: 'root', rows: [0, 1, 2] },
      { name: 'child', rows: [2] },
      { name: 'other', rows: [0, 1] },
      { name: 'grandchild', rows: [2] },
    ]);
    expect(heads.plan([])).toEqual([]);
  });

  it('gives a child what its parent made of the rows of the child', () => {
    const pooled = tf.tensor2d([[1], [2], [3]]);
    const fused: Fused = { tokens: tf.expandDims(pooled, 1), mask: tf.ones([3, 1]), pooled };
    const heads = tree({ root: [{}], child: [{}, 'root'] });
    const made = { root: { rows: [0, 1, 2], output: tf.tensor1d([10, 20, 30]) } };
    const input = (name: string, rows: number[]) => heads.input({ name, rows }, fused, made);
    expect(input('root', [0, 2]).parent).toBeUndefined();
    expect([...input('root', [0, 2]).fused.pooled.dataSync()]).toEqual([1, 3]);
    expect([...(input('child', [0, 2]).parent as tf.Tensor).dataSync()]).toEqual([10, 30]);
    expect(input('child', [0, 1, 2]).parent).toBe(made.root.output);
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
    expect(fulfils({ all: ['a', 'b'] }, ['a', 'c'])).toBe(false); // every one of them
    expect(fulfils({ all: ['a', 'b'] }, ['b', 'a'])).toBe(true);
  });

  it('are told in words', () => {
    expect(describeRequirements({ all: ['a', 'b'], any: ['c'], count: 2 })).toBe(
      'all of a, b and any of c and at least 2 modalities',
    );
    expect(describeRequirements({})).toBe('nothing');
  });
});
