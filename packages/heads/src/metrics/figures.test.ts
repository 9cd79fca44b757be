import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { balancedWeights } from '../class-weights';
import { fitTemperature } from '../fit-temperature';
import { fitThreshold } from '../fit-threshold';
import { calibrationError } from './calibration-error';
import { classificationMetrics } from './classification-metrics';
import { multiLabelMetrics } from './multi-label-metrics';
import { ordinalMetrics } from './ordinal-metrics';
import { rankingMetrics } from './ranking-metrics';
import { regressionMetrics } from './regression-metrics';

/** As `tools/parity/heads.py` made it with scikit-learn. */
const figures = JSON.parse(readFileSync(new URL('../../fixtures/figures.json', import.meta.url), 'utf8'));

const rows = (figures.actual as number[]).map((actual, row) => {
  const probabilities = figures.probabilities[row] as number[];
  return { actual, probabilities, predicted: probabilities.indexOf(Math.max(...probabilities)) };
});

function expectFigures(own: Readonly<Record<string, number>>, expected: Readonly<Record<string, number>>) {
  expect(Object.keys(own).sort()).toEqual(Object.keys(expected).sort());
  for (const [name, value] of Object.entries(expected)) expect(own[name], name).toBeCloseTo(value, 9);
}

describe('figures are those of scikit-learn', () => {
  it('of classes', () => expectFigures(classificationMetrics(rows, ['a', 'b', 'c', 'd']), figures.classification));

  it('of one question, with ties', () => {
    const scored = rows.map(({ actual }, row) => ({ score: figures.binaryScores[row], isPositive: actual === 1 }));
    expectFigures(rankingMetrics([scored]), figures.binary);
  });

  it('of numbers', () => {
    const estimated = (figures.truth as number[]).map((actual, row) => ({ actual, predicted: figures.estimate[row] }));
    expectFigures(regressionMetrics(estimated), figures.regression);
  });

  it('of grades', () => expectFigures(ordinalMetrics(rows), figures.ordinal));

  it('of labels', () => {
    const judged = (figures.labelTruth as number[][]).map((truth, row) =>
      truth.map((own, index) => {
        const score = figures.labelScores[row][index];
        return { score, isSaid: score >= 0.5, isPositive: own === 1 };
      }),
    );
    expectFigures(multiLabelMetrics(judged, ['a', 'b', 'c']), figures.multiLabel);
  });

  it('of classes that are to count alike', () => {
    const counts = [0, 1, 2, 3].map((label) => rows.filter(({ actual }) => actual === label).length);
    balancedWeights(counts).forEach((weight, index) => expect(weight).toBeCloseTo(figures.balanced[index], 12));
  });
});

describe('figures of few rows', () => {
  it('are none without rows, and leave out what has no answer', () => {
    for (const none of [classificationMetrics([], ['a', 'b']), regressionMetrics([]), ordinalMetrics([])]) {
      expect(none).toEqual({});
    }
    expect(multiLabelMetrics([[undefined]], ['a'])).toEqual({});
    const one = classificationMetrics([{ predicted: 0, actual: 0, probabilities: [0.8, 0.2] }], ['a', 'b']);
    expect(Object.keys(one)).toEqual(['accuracy', 'crossEntropy', 'macroF1', 'balancedAccuracy', 'ece', 'a F1']);
    expect(regressionMetrics([{ predicted: 1, actual: 3 }])).toEqual({ mae: 2, rmse: 2, medianError: 2, p90Error: 2 });
  });

  it('count labels as far as they are known', () => {
    const judged = (isSaid: boolean, isPositive: boolean) => ({ score: Number(isSaid), isSaid, isPositive });
    const known = [
      [judged(true, true), undefined],
      [judged(false, true), judged(true, true)],
    ];
    const { accuracy, microF1, 'a F1': ofFirst } = multiLabelMetrics(known, ['a', 'b']);
    expect([accuracy, microF1, ofFirst]).toEqual([0, 4 / 5, 2 / 3]); // 2 hits of 2 said and 3 true; 1 of 1 and 2
  });

  it('are told from calibration: the gap between how sure and how right', () => {
    const sure = [true, true, false, false].map((isRight) => ({ probability: 0.9, isRight }));
    expect(calibrationError(sure)).toBeCloseTo(0.4, 12);
  });
});

describe('fitTemperature', () => {
  it('is where the cross-entropy is least, as LBFGS finds it', () => {
    expect(fitTemperature(rows)).toBeCloseTo(figures.temperature, 5);
    expect(fitTemperature([])).toBe(1);
  });

  it('is left at 1 where all answers are right, since none is too sure then', () => {
    const right = [0, 1, 0].map((actual) => ({ actual, probabilities: actual === 0 ? [0.8, 0.2] : [0.4, 0.6] }));
    expect(fitTemperature(right)).toBe(1);
    expect(fitTemperature([...right, { actual: 1, probabilities: [0.7, 0.3] }])).toBeLessThan(1);
  });
});

describe('fitThreshold', () => {
  it('is where F1 is best, between two scores', () => {
    const scored = [0.9, 0.4, 0.3, 0.2, 0.1].map((score, index) => ({ score, isPositive: [0, 1, 2].includes(index) }));
    expect(fitThreshold(scored)).toBeCloseTo(0.25, 12);
    const tied = [0.9, 0.4, 0.4, 0.1].map((score, index) => ({ score, isPositive: index < 2 }));
    expect(fitThreshold(tied)).toBeCloseTo(0.25, 12); // F1 0.8 with both of those that are tied, 0.67 without
    expect(fitThreshold(scored.map((own) => ({ ...own, isPositive: true })))).toBe(0.5);
  });
});
