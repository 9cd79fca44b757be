import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { OnnxBackend } from '../backend';
import { capabilitiesOf } from '../capabilities';
import { compile } from '../compile/compile';
import { ReplayError } from '../errors';
import { registerOnnxBackend } from '../register-onnx-backend';
import { type ReplayOptions, replay } from './replay';

let backend: OnnxBackend;

beforeAll(() => {
  backend = registerOnnxBackend();
});

beforeEach(async () => {
  await tf.setBackend('onnx');
  tf.engine().startScope();
});

afterEach(() => {
  tf.disposeVariables();
  tf.engine().endScope();
  vi.restoreAllMocks();
});

/** A model with one hidden layer, its optimiser, and a step that is to be taken with batches of any size. */
function regression(optimizer: () => tf.Optimizer) {
  const hidden = tf.variable(tf.tensor2d([0.1, -0.2, 0.3, 0.4, -0.5, 0.6], [2, 3]));
  const output = tf.variable(tf.tensor2d([0.5, -0.4, 0.3], [3, 1]));
  const rule = optimizer();
  const step = ({ x, y }: { x: tf.Tensor2D; y: tf.Tensor2D }) =>
    rule.minimize(() => {
      const predicted = tf.matMul(tf.tanh(tf.matMul(x, hidden as tf.Tensor2D)), output as tf.Tensor2D);
      return tf.mean(tf.squaredDifference(predicted, y));
    }, true)! as tf.Scalar;
  return { hidden, output, step };
}

function batch(index: number, rows = 4) {
  const x = tf.tensor2d(
    Float32Array.from({ length: rows * 2 }, (_, i) => Math.sin(i + 3 * index)),
    [rows, 2],
  );
  return { x, y: tf.sum(x, 1, true) as tf.Tensor2D };
}

const optimizers = {
  sgd: () => tf.train.sgd(0.1),
  momentum: () => tf.train.momentum(0.1, 0.9),
  adam: () => tf.train.adam(0.05),
  rmsprop: () => tf.train.rmsprop(0.01),
};

/** Losses and final weights of some steps, each with a batch of its own. */
function trajectory(
  isReplayed: boolean,
  sizes: readonly number[],
  optimizer: () => tf.Optimizer = optimizers.adam,
  options?: ReplayOptions,
) {
  const { hidden, output, step } = regression(optimizer);
  const replayed = replay(step, options);
  const losses = sizes.map((rows, i) => {
    const loss = (isReplayed ? replayed : step)(batch(i, rows));
    return loss.dataSync()[0]!;
  });
  return { losses, weights: [...hidden.dataSync(), ...output.dataSync()], statistics: replayed.statistics() };
}

let counted = 0;

describe('replay', () => {
  it.each(Object.entries(optimizers))(
    'trains with %s to the very same losses and weights as recording does',
    (_, make) => {
      const sizes = new Array(12).fill(4);
      const expected = trajectory(false, sizes, make);
      const actual = trajectory(true, sizes, make);
      expect(actual.losses).toEqual(expected.losses);
      expect(actual.weights).toEqual(expected.weights);
      expect(actual.statistics.refusals).toEqual([]);
      expect(actual.statistics.replayed).toBeGreaterThanOrEqual(6);
    },
  );

  it('knows its inputs apart from the numbers that large tensors are filled with', () => {
    const state = tf.variable(tf.tensor1d([1, 2]));
    const step = replay(({ x, y }: { x: tf.Tensor1D; y: tf.Tensor1D }) => {
      const large = tf.fill([2 ** 16 + 2], 0.5); // too large for a constant of the program
      const sum = tf.add(tf.mul(x, tf.slice(large, 0, 2)), tf.mul(y, state));
      state.assign(sum as tf.Tensor1D);
      return tf.mul(sum, 2) as tf.Tensor1D;
    });
    let expected = [1, 2];
    for (let call = 0; call < 8; call++) {
      const [x, y] = [
        [call, 3],
        [0.5, call / 4],
      ];
      expected = expected.map((own, i) => x[i]! * 0.5 + y[i]! * own);
      const result = step({ x: tf.tensor1d(x), y: tf.tensor1d(y) }) as tf.Tensor;
      expect([...result.dataSync()]).toEqual(expected.map((own) => 2 * Math.fround(own)));
      expected = expected.map(Math.fround);
    }
    expect(step.statistics()).toMatchObject({ replayed: 3, refusals: [] });
  });

  it('shares the state between batches of different shapes', () => {
    const sizes = [4, 4, 4, 6, 6, 6, 4, 6, 4, 6, 4, 6, 5, 4, 6, 5, 5, 4, 5];
    const expected = trajectory(false, sizes);
    const actual = trajectory(true, sizes);
    expect(actual.losses).toEqual(expected.losses);
    expect(actual.weights).toEqual(expected.weights);
    expect(actual.statistics.replayed).toBeGreaterThanOrEqual(7);
  });

  it('learns shapes that alternate from the first step on', () => {
    const sizes = Array.from({ length: 16 }, (_, i) => 4 + (i % 2));
    const expected = trajectory(false, sizes);
    const actual = trajectory(true, sizes);
    expect(actual.losses).toEqual(expected.losses);
    expect(actual.statistics.replayed).toBeGreaterThanOrEqual(6);
  });

  it('finds out that what is met in other steps first is the same state, whatever the order', () => {
    for (const sizes of [
      [4, 6, 4, 4, 6, 6, 4, 6, 4, 4, 6, 6],
      [4, 6, 5, 4, 4, 5, 6, 6, 5, 5, 4, 6, 5, 4, 6, 5, 4, 4],
    ]) {
      const expected = trajectory(false, sizes);
      const actual = trajectory(true, sizes);
      expect(actual.losses).toEqual(expected.losses);
      expect(actual.weights).toEqual(expected.weights);
      expect(actual.statistics.refusals).toEqual([]);
      expect(actual.statistics.replayed).toBeGreaterThanOrEqual(3);
    }
  });

  it.each(['variable', 'tensor'])(
    'goes on from a %s that it returns too, and leaves what it returned alone',
    (kind) => {
      const variable = tf.variable(tf.tensor1d([0, 0]));
      let held: tf.Tensor1D = tf.keep(tf.tensor1d([0, 0]));
      const take = replay(({ x }: { x: tf.Tensor1D }) => {
        const sum = tf.add<tf.Tensor1D>(kind === 'variable' ? variable : held, x);
        if (kind === 'variable') variable.assign(sum);
        else {
          held.dispose();
          held = tf.keep(tf.clone(sum));
        }
        return sum;
      });
      const sumAfter = (call: number) => take({ x: tf.tensor1d([1, call]) });
      const expected = (call: number) => [call + 1, (call * (call + 1)) / 2];
      for (let call = 0; call < 8; call++) {
        const sum = sumAfter(call);
        expect([...sum.dataSync()]).toEqual(expected(call));
        sum.dispose();
      }
      const kept = [8, 9, 10, 11].map(sumAfter);
      expect(kept.map((sum) => [...sum.dataSync()])).toEqual([8, 9, 10, 11].map(expected));
      expect(take.statistics().replayed).toBeGreaterThanOrEqual(6);
    },
  );

  it('forgets how a step went that has not come for long, and records it anew', () => {
    const state = tf.variable(tf.scalar(0));
    const count = replay(({ x }: { x: tf.Tensor }) => {
      state.assign(tf.add(state, x) as tf.Scalar);
      return undefined;
    });
    const calls = (variant: string) => {
      const before = count.statistics().recorded;
      for (let call = 0; call < 4; call++) count({ x: tf.scalar(1) }, variant);
      return count.statistics().recorded - before;
    };
    expect([calls('first'), calls('first')]).toEqual([3, 2]); // three to learn by, and one after each of one and two that are replayed
    for (let other = 0; other < 255; other++) calls(`${other}`);
    expect(calls('first')).toBe(0);
    for (let other = 0; other < 256; other++) calls(`${other}`);
    expect(calls('first')).toBe(3);
    expect(state.dataSync()[0]).toBe(4 * (2 + 255 + 1 + 256 + 1));
  });

  it('takes calls of another variant for another step over the same state', () => {
    const run = (isReplayed: boolean) => {
      const { hidden, step } = regression(optimizers.adam);
      let factor = 1;
      const varied = (inputs: Parameters<typeof step>[0]) => step({ ...inputs, y: tf.mul(inputs.y, factor) });
      const take = replay(varied);
      const losses = Array.from({ length: 14 }, (_, i) => {
        factor = 1 + (i % 3 === 2 ? 1 : 0);
        const loss = isReplayed ? take(batch(i), `times ${factor}`) : varied(batch(i));
        return loss.dataSync()[0]!;
      });
      return { losses, hidden: [...hidden.dataSync()], replayed: take.statistics().replayed };
    };
    const [recorded, replayed] = [run(false), run(true)];
    expect(replayed.losses).toEqual(recorded.losses);
    expect(replayed.hidden).toEqual(recorded.hidden);
    expect(replayed.replayed).toBeGreaterThanOrEqual(5);
  });

  it('replays a step that reads a variable which is assigned between all steps', () => {
    const scale = tf.variable(tf.scalar(1), false);
    const take = replay(({ x }: { x: tf.Tensor1D }) => tf.mul(x, scale));
    for (let i = 0; i < 6; i++) {
      scale.assign(tf.add(scale, i) as tf.Scalar);
      expect(take({ x: tf.tensor1d([2]) }).dataSync()[0]).toBe(2 * (1 + (i * (i + 1)) / 2));
    }
    expect(take.statistics().replayed).toBe(2);
  });

  it('draws values anew in every step', () => {
    let draws = 0;
    const take = replay(({ x }: { x: tf.Tensor1D }) => {
      const drawn = capabilitiesOf(tf.backend() as OnnxBackend).changingTensor(() => Float32Array.of(++draws, 1), [2]);
      return tf.mul(x, drawn);
    });
    for (let i = 0; i < 6; i++) expect([...take({ x: tf.tensor1d([2, 3]) }).dataSync()]).toEqual([2 * (i + 1), 3]);
    expect(take.statistics()).toEqual({ replayed: 2, recorded: 4, refusals: [] });
  });

  it('goes on with what is assigned between two steps', () => {
    const run = (isReplayed: boolean) => {
      const { hidden, step } = regression(optimizers.adam);
      const take = isReplayed ? replay(step) : step;
      return Array.from({ length: 10 }, (_, i) => {
        if (i === 6) hidden.assign(tf.mul(hidden, 2));
        return take(batch(i)).dataSync()[0]!;
      });
    };
    expect(run(true)).toEqual(run(false));
  });

  it('leaves a copy alone that somebody holds of the state', () => {
    const { hidden, step } = regression(optimizers.adam);
    const take = replay(step);
    for (let i = 0; i < 5; i++) take(batch(i));
    const held = hidden.clone();
    const values = [...held.dataSync()];
    for (let i = 5; i < 8; i++) take(batch(i));
    expect([...held.dataSync()]).toEqual(values);
    expect([...hidden.dataSync()]).not.toEqual(values);
  });

  it('lets a compiled function notice that the weights are others', () => {
    const { hidden, step } = regression(optimizers.sgd);
    const take = replay(step);
    const product = compile(({ x }: { x: tf.Tensor2D }) => tf.matMul(x, hidden as tf.Tensor2D));
    const x = tf.tensor2d([[1, 2]]);
    for (let i = 0; i < 6; i++) {
      take(batch(i));
      expect([...product({ x }).dataSync()]).toEqual([...tf.matMul(x, hidden as tf.Tensor2D).dataSync()]);
    }
    product.dispose();
  });

  it('calls for host scalars anew in every step, as for a schedule of the learning rate', () => {
    const weight = tf.variable(tf.scalar(0));
    let calls = 0;
    const take = replay(() => {
      const [rate] = capabilitiesOf(tf.backend() as OnnxBackend).hostScalars(() => [2 ** calls++]);
      weight.assign(tf.add(weight, rate!));
      return undefined;
    });
    for (let i = 0; i < 10; i++) take({});
    expect(weight.dataSync()[0]).toBe(2 ** 10 - 1);
    expect(take.statistics()).toEqual({ replayed: 5, recorded: 5, refusals: [] });
  });

  it('keeps a variable that is only written', () => {
    const last = tf.variable(tf.scalar(0), false);
    const take = replay(({ x }: { x: tf.Tensor1D }) => {
      last.assign(tf.sum(x));
      return undefined;
    });
    for (let i = 0; i < 6; i++) {
      take({ x: tf.tensor1d([i, 1]) });
      expect(last.dataSync()[0]).toBe(i + 1);
    }
    expect(take.statistics().replayed).toBe(2);
  });

  it('gives named results, views among them', () => {
    const take = replay(({ x }: { x: tf.Tensor1D }) => {
      const doubled = tf.mul(x, 2);
      return { doubled, column: tf.reshape(doubled, [2, 1]) };
    });
    for (let i = 0; i < 4; i++) {
      const { doubled, column } = take({ x: tf.tensor1d([i, 1]) });
      expect(doubled.shape).toEqual([2]);
      expect(column.arraySync()).toEqual([[2 * i], [2]]);
    }
  });

  it.each([
    [
      'reads values midway',
      ({ x }: { x: tf.Tensor1D }) => {
        const sum = tf.sum(x).dataSync()[0]!;
        return tf.mul(x, sum);
      },
      'it reads values',
    ],
    [
      'draws random numbers',
      ({ x }: { x: tf.Tensor1D }) => tf.add(x, tf.mul(tf.randomUniform([2]), 0)),
      'draws from Math.random',
    ],
    [
      'leaves a layer out by chance',
      ({ x }: { x: tf.Tensor1D }) => (Math.random() < 2 ? tf.mul(x, 2) : x),
      'draws from Math.random',
    ],
    ['counts its calls', ({ x }: { x: tf.Tensor1D }) => tf.add(x, tf.mul(counted++, 0)), 'another one at every call'],
    ['computes nothing', ({ x }: { x: tf.Tensor1D }) => x.clone(), 'it computes nothing'],
  ])('records every call of a step that %s, computes the same, and says why', (_, step, reason) => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const take = replay(step as (inputs: { x: tf.Tensor1D }) => tf.Tensor);
    for (let i = 0; i < 5; i++) {
      const x = tf.tensor1d([i, 2]);
      expect([...take({ x }).dataSync()]).toEqual([...step({ x }).dataSync()]);
    }
    expect(take.statistics()).toMatchObject({ replayed: 0, recorded: 5 });
    expect(warn).toHaveBeenCalledTimes(1);
    expect(warn.mock.calls[0]![0]).toContain(reason);
  });

  it('does not replay a step that hoards tensors', () => {
    vi.spyOn(console, 'warn').mockImplementation(() => {});
    const hoard: tf.Tensor[] = [];
    const take = replay(({ x }: { x: tf.Tensor1D }) => {
      hoard.push(tf.keep(tf.mul(x, 2)));
      return undefined;
    });
    for (let i = 0; i < 8; i++) take({ x: tf.tensor1d([i]) });
    expect(hoard.map((tensor) => tensor.dataSync()[0])).toEqual([0, 2, 4, 6, 8, 10, 12, 14]);
    expect(take.statistics().refusals[0]).toContain('neither returns nor reads');
    tf.dispose(hoard);
  });

  it('records fewer and fewer of the calls: after one that was replayed, after two, four, eight', () => {
    const recorded: number[] = [];
    let call = 0;
    const take = replay(
      ({ x }: { x: tf.Tensor1D }) => {
        recorded.push(call);
        return tf.mul(x, 2);
      },
      { verifyEvery: 5 },
    );
    for (; call < 24; call++) take({ x: tf.tensor1d([call]) });
    expect(recorded).toEqual([0, 1, 2, 4, 7, 12, 18]); // and at most five
  });

  it.each([
    ['a number', 4],
    ['a number', 17],
    ['an operation', 5],
    ['what it assigns to', 6],
    ['what it returns under a name', 6],
  ])('finds out soon that the code has changed %s, after %i calls', (what, calls) => {
    const [a, b] = [tf.variable(tf.zeros([1])), tf.variable(tf.zeros([1]))];
    let isOther = false;
    const is = (change: string) => isOther && what === change;
    const take = replay(({ x }: { x: tf.Tensor1D }) => {
      const large = tf.mul(x, is('a number') ? 3 : 2);
      const small = is('an operation') ? tf.cos(x) : tf.sin(x);
      (is('what it assigns to') ? b : a).assign(tf.add(a, tf.add(b, x)) as tf.Tensor1D);
      return is('what it returns under a name') ? { large: small, small: large } : { large, small };
    });
    const x = tf.tensor1d([1]);
    for (let i = 0; i < calls; i++) take({ x });
    isOther = true;
    expect(() => {
      for (let i = 0; i < calls; i++) take({ x });
    }).toThrow(ReplayError);
  });

  it('records every call of a step that does something else every third time', () => {
    vi.spyOn(console, 'warn').mockImplementation(() => {});
    let calls = 0;
    const take = replay(({ x }: { x: tf.Tensor1D }) => (calls++ % 3 === 2 ? tf.neg(x) : tf.mul(x, 2)));
    for (let i = 0; i < 40; i++) {
      expect(take({ x: tf.tensor1d([i]) }).dataSync()[0]).toBe(i % 3 === 2 ? -i : 2 * i);
    }
    expect(take.statistics().replayed).toBe(0);
  });

  it('says what it got where a step gives no tensors', () => {
    const take = replay((() => 5) as unknown as () => tf.Tensor);
    expect(() => take({})).toThrow('Received: 5');
  });

  it('refuses what is no step, and to verify at no number of calls', () => {
    for (const wrong of [undefined, null, {}, 5]) expect(() => replay(wrong as never)).toThrow(ReplayError);
    for (const verifyEvery of [0, -1, Number.NaN, '8']) {
      expect(() => replay(() => undefined, { verifyEvery: verifyEvery as number })).toThrow(ReplayError);
    }
  });

  it('leaks neither tensors nor memory', () => {
    const { step } = regression(optimizers.adam);
    const take = replay(step);
    const run = () => tf.tidy(() => take(batch(0)).dataSync()[0]);
    for (let i = 0; i < 5; i++) run();
    const [tensors, ids] = [tf.memory().numTensors, backend.numDataIds()];
    for (let i = 0; i < 20; i++) run();
    expect([tf.memory().numTensors, backend.numDataIds()]).toEqual([tensors, ids]);
  });
});
