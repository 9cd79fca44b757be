import { inferenceContext, initialize, RandomKey, trainingContext } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { describeParity } from '../testing/parity';
import type { Grid } from './grid';
import { SwinStage, type SwinStageConfig } from './swin-stage';

/** Config of a case of the fixture. */
interface StageCase extends Partial<SwinStageConfig> {
  readonly hiddenSize: number;
  readonly numAttentionHeads: number;
  readonly windowSize: number;
  readonly mlpRatio: number;
  readonly layers: number;
  readonly merges: boolean;
  readonly grid: Grid;
}

const defaults = {
  qkvBias: true,
  hiddenAct: 'gelu',
  layerNormEps: 1e-5,
  hiddenDropoutProb: 0,
  attentionProbsDropoutProb: 0,
} as const;
const grids = new WeakMap<SwinStage, Grid>();

describeParity<StageCase, SwinStage>('swin-stage', {
  create: ({ grid, layers, ...config }) => {
    const stage = new SwinStage({ ...defaults, ...config, dropPathRates: Array.from({ length: layers }, () => 0) });
    grids.set(stage, grid);
    return stage;
  },
  forward: (stage, { x }, context) => {
    const grid = grids.get(stage)!;
    const after = stage.forward(x as tf.Tensor3D, grid, context);
    const [rows, columns] = stage.merging ? grid.map((side) => Math.ceil(side / 2)) : grid;
    expect(after.grid).toEqual([rows, columns]);
    expect(after.tokens.shape[1]).toBe(rows * columns);
    return after.tokens;
  },
});

describe('SwinStage', () => {
  const config = { ...defaults, hiddenSize: 4, numAttentionHeads: 2, windowSize: 2, mlpRatio: 2, merges: false };

  it.each(['hiddenDropoutProb', 'attentionProbsDropoutProb', 'attentionOutputDropoutProb'])(
    'draws %s from the key of the step, in training alone',
    (rate) => {
      const stage = new SwinStage({ ...config, dropPathRates: [0], [rate]: 0.5 });
      initialize(stage, RandomKey.from(1));
      const tokens = tf.randomNormal<tf.Rank.R3>([2, 16, 4], 0, 1, 'float32', 1);
      const run = (seed: number) =>
        stage.forward(tokens, [4, 4], trainingContext(RandomKey.from(seed), stage)).tokens.dataSync();
      expect(run(1)).toEqual(run(1));
      expect(run(1)).not.toEqual(run(2));
      expect(stage.forward(tokens, [4, 4], inferenceContext()).tokens.dataSync()).not.toEqual(run(1));
    },
  );

  it('drops what attention adds where the rate of its own is given, and what the other layers add where it is not', () => {
    const both = new SwinStage({
      ...config,
      dropPathRates: [0],
      hiddenDropoutProb: 0.999999,
      attentionOutputDropoutProb: 0,
    });
    const neither = new SwinStage({ ...config, dropPathRates: [0], hiddenDropoutProb: 0.999999 });
    for (const stage of [both, neither]) initialize(stage, RandomKey.from(1));
    const tokens = tf.randomNormal<tf.Rank.R3>([1, 4, 4], 0, 1, 'float32', 1);
    const change = (stage: SwinStage) => {
      const { tokens: after } = stage.forward(tokens, [2, 2], trainingContext(RandomKey.from(1), stage));
      return tf.max(tf.abs(tf.sub(after, tokens))).dataSync()[0];
    };
    expect(change(both)).toBeGreaterThan(1e-3);
    expect(change(neither)).toBe(0); // all is dropped, with one chance in 30,000 that it is not
  });
});
