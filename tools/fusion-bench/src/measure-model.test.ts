import type { Model, PreparedSample, Sample } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Figures, measureModel } from './measure-model';
import { methodModel } from './methods';
import { sigmas, TestFeatures } from './test-features';
import { smallTask } from './testing/small-tasks';

const count = 40;
const task = smallTask(count, {
  noise: { a: 'rows', b: 'rows' },
  // the modalities in turn, and nothing
  missing: Array.from({ length: count }, (_, row) => ['a', 'b', null][row % 3]),
  // from the sample behind it, whose class is the next one
  contradictions: Array.from({ length: count }, (_, row) => ({ slot: row < 10 ? 'a' : 'b', from: (row + 1) % count })),
  kinds: Array.from({ length: count }, (_, row) => (row < 10 ? 'first' : 'others')),
});

/** A model that reads features as they are, and says what `a` says, or `b` where there is no `a`; and never the class 3. */
function followsA(real: Model): Model {
  const says = ({ features }: PreparedSample) => {
    const values = [...(features.a ?? features.b).values.data];
    return Math.min(2, values.indexOf(Math.max(...values)));
  };
  const predictPrepared = async (samples: readonly PreparedSample[]) =>
    samples.map((sample) => ({ answer: { index: says(sample) } }));
  return {
    modalities: real.modalities,
    prepare: (sample: Sample) => real.prepare(sample),
    predictPrepared,
  } as unknown as Model;
}

let figures: Figures;
beforeAll(async () => {
  await tf.ready();
  const model = followsA(methodModel('concat', task, 0));
  figures = await measureModel(model, 'concat', task, await TestFeatures.prepare(model, task));
});

describe('measureModel, of a model that follows `a` and does not know the class 3', () => {
  it('counts right answers on every subset, by kind, and where most samples lack one', () => {
    expect(figures.accuracy).toBe(0.75);
    expect(figures.subsets).toEqual({ a: 0.75, b: 0.75, 'a+b': 0.75 });
    expect(figures.kinds).toEqual({ first: 0.8, others: 22 / 30 }); // 3 is the class of 2 in the first 10
    expect(figures.missing).toBe(0.75);
  });

  it('begins at the accuracy without noise, and loses none to noise in what is not followed', () => {
    for (const curve of Object.values(figures.noise)) {
      expect(curve.map(([sigma]) => sigma)).toEqual(sigmas);
      expect(curve[0][1]).toBe(0.75);
    }
    expect(figures.noise.b.map(([, accuracy]) => accuracy)).toEqual(sigmas.map(() => 0.75));
    expect(figures.noise.a).toEqual(figures.noise.all);
    expect(figures.noise.a.at(-1)![1]).toBeLessThan(0.65); // the largest of four normals, one moved by a deviation
  });

  it('permutes one modality between samples', () => {
    expect(figures.permuted.b).toBe(0.75);
    expect(Math.abs(figures.permuted.a - 3 / 16)).toBeLessThan(0.15); // by chance: 3 classes, a quarter of the time
  });

  it('tells whom answers follow in a contradiction', () => {
    // Where a says the next class, that is answered, but for 3 (2 of these 10), in place of which comes 2, which the others say.
    expect(figures.contradiction.a).toEqual({ others: 0.2, odd: 0.8 });
    // What b says is not looked at; 8 of these 30 are of class 3, and answered by 2, where b says 0.
    expect(figures.contradiction.b).toEqual({ others: 22 / 30, odd: 0 });
  });
});
