import { initialize, parseConfig, RandomKey, SampleError } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { MultiLabelHead } from './multi-label-head';
import { type BalancedMultiLabelProcessor, multiLabelTarget, type RawLabels } from './multi-label-target';
import { fusedRows, randomVectors } from './testing/fused-rows';
import { answersOf, lossOf, targetBatch, targetFeatures } from './testing/run-head';

const labels = ['bruised', 'green', 'split'];
const input = fusedRows(randomVectors(2, 4, 2));

function create(options: object = {}) {
  const config = parseConfig(multiLabelTarget.config, { labels, ...options }, 'heads.faults');
  const target = multiLabelTarget.create(config, { slot: 'faults', savedFile: () => undefined });
  const head = new MultiLabelHead({
    hiddenSize: 4,
    hiddenSizes: [],
    dropout: 0,
    labelSmoothing: 0,
    focalGamma: 0,
    target,
  });
  initialize(head, RandomKey.from(1));
  return { head, target };
}

describe('MultiLabelHead', () => {
  it('learns of the labels that are known alone', () => {
    const { head, target } = create();
    const wanted = targetBatch(target, [['green', 0], { split: true, bruised: null }]);
    const logits = tf.tensor2d([
      [1, 2, -1],
      [Number.NaN, Number.NaN, 3],
    ]);
    expect(head.loss(wanted).crossEntropy.count).toBe(4);
    const softplus = (x: number) => Math.log1p(Math.exp(x));
    const expected = (softplus(-1) + softplus(-2) + softplus(-1) + softplus(-3)) / 4;
    expect(lossOf(head, logits, wanted, input)!.dataSync()[0]).toBeCloseTo(expected, 5);
  });

  it('says labels from their thresholds on, which calibrate fits, each by itself', () => {
    const { head, target } = create();
    head.classifier.weight.assign(tf.zeros([3, 4]));
    head.classifier.bias!.assign(tf.tensor1d([1, -1, 0.1]));
    expect(answersOf(head, input)[0].labels).toEqual(['bruised', 'split']);
    const said = (probabilities: number[]) => ({ labels: [], indices: [], probabilities });
    const truths: RawLabels[] = [['green'], ['green', 'bruised'], []];
    const targets = targetFeatures(target, truths);
    head.calibrate([said([0.2, 0.2, 0.9]), said([0.9, 0.1, 0.9]), said([0.1, 0.04, 0.9])], targets);
    [0.55, 0.07, 0.5].forEach((threshold, index) =>
      expect(head.thresholds.value.dataSync()[index]).toBeCloseTo(threshold, 6),
    );
    expect(answersOf(head, input)[0].labels).toEqual(['bruised', 'green', 'split']); // σ(−1) is 0.27
  });

  it('weighs those that have a label as much as those that have not', async () => {
    const { target } = create({ positiveWeights: 'balanced' });
    const rows: RawLabels[] = [['green'], ['green', 'split'], ['green', 'split'], { green: false }];
    await (target as BalancedMultiLabelProcessor).fit(
      (async function* () {
        yield* rows;
      })(),
    );
    expect(target.positiveWeights).toEqual([1, 1 / 3, 1 / 2]); // of bruised there is none
    expect(create({ positiveWeights: { split: 3 } }).target.positiveWeights).toEqual([1, 1, 3]);
    expect(() => create({ positiveWeights: { spilt: 3 } })).toThrow(
      'positiveWeights.spilt: expected one of the labels',
    );
  });

  it.each([
    ['green', 'expected a list of labels, or an object that says of labels'],
    [['gren'], 'Did you mean "green"?'],
    [[3], 'an index from 0 to 2, received 3'],
    [{ green: 'yes' }, 'expected true, false or null of the label "green", received "yes"'],
  ])('refuses the target %o', (raw, message) => {
    const { target } = create();
    expect(() => target.process(raw as never)).toThrow(SampleError);
    expect(() => target.process(raw as never)).toThrow(message);
  });
});
