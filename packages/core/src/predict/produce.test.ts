import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { uploadBatch } from '../batch';
import { composeUnchecked } from '../compose-model';
import { inferenceContext, trainingContext } from '../context';
import { ConfigError, NonFiniteError } from '../errors';
import { Head, type HeadInput, type ProducedPiece } from '../head';
import { Parameter } from '../parameter';
import { defineHead, definePlugin } from '../plugin';
import { RandomKey } from '../random-key';
import { createRegistry } from '../registry';
import type { Sample } from '../sample';
import { numbersPlugin } from '../testing/test-parts';

/** How often each head ran. */
const runs: Record<string, number> = {};
const ran = (name: string) => {
  runs[name] = (runs[name] ?? 0) + 1;
};

const steps = z.object({ steps: z.int().positive().default(2) });

/** Counts up from the total of a row, times a weight, a number a step: in training by one step. */
class Counter extends Head<tf.Tensor1D, number, typeof steps, number> {
  readonly requires = {};
  override readonly predictOptions = steps;
  readonly weight = new Parameter([], () => Float32Array.of(2));

  forward({ fused }: HeadInput): tf.Tensor1D {
    ran('counter, forward');
    return tf.mul(tf.sum(fused.pooled, 1), this.weight.value) as tf.Tensor1D;
  }

  loss() {
    return {};
  }

  override async *produce(
    input: HeadInput,
    _: unknown,
    options: z.output<typeof steps>,
  ): AsyncGenerator<ProducedPiece<number>, tf.Tensor1D, void> {
    ran('counter');
    let output = tf.tidy(() => this.forward(input));
    for (let step = 0; step < options.steps; step++) {
      const next = tf.add<tf.Tensor1D>(output, 1);
      output.dispose();
      output = next;
      for (const [row, piece] of (await output.data()).entries()) yield { row, piece };
    }
    return output;
  }

  scores(numbers: tf.Tensor1D) {
    return { numbers };
  }

  answers({ numbers }: Parameters<Head['answers']>[0]): number[] {
    return [...numbers.data];
  }
}

/** The same, which tells how its one pass begins. */
class OpenCounter extends Counter {
  override passScores(input: HeadInput) {
    return { first: this.forward(input) };
  }
}

/** What its parent made, times a weight. */
class Scaled extends Head<tf.Tensor1D, number> {
  readonly weight = new Parameter([], () => Float32Array.of(10));
  readonly requires;

  constructor(
    readonly name: string,
    all: readonly string[],
  ) {
    super();
    this.requires = { all };
  }

  forward({ parent }: HeadInput): tf.Tensor1D {
    ran(this.name);
    return tf.mul(parent as tf.Tensor1D, this.weight.value) as tf.Tensor1D;
  }

  loss() {
    return {};
  }

  scores(numbers: tf.Tensor1D) {
    return { numbers };
  }

  answers({ numbers }: Parameters<Head['answers']>[0]): number[] {
    return [...numbers.data];
  }
}

const plugin = definePlugin({
  name: 'counting',
  specificationVersion: 'v1',
  heads: [
    defineHead({ name: 'counter', config: z.object({}), create: () => new Counter() }),
    defineHead({ name: 'open', config: z.object({}), create: () => new OpenCounter() }),
    defineHead({
      name: 'scaled',
      config: z.object({ all: z.array(z.string()).default([]) }),
      create: ({ all }, { name }) => new Scaled(name, all),
    }),
  ],
});

const model = composeUnchecked(createRegistry([numbersPlugin, plugin]), {
  hiddenSize: 2,
  encoders: { left: { use: 'numbers' }, right: { use: 'numbers' } },
  fusion: { use: 'sum' },
  heads: {
    big: { use: 'scaled', input: 'count' },
    bigger: { use: 'scaled', input: 'big', all: ['left'] },
    count: { use: 'counter' },
    total: { use: 'total' },
    more: { use: 'scaled', input: 'total' },
  },
});
for (const slot of ['left', 'right'])
  model.parameters().get(`encoders.${slot}.weight`)!.assignValues(Float32Array.of(1, 1));

/** What ran since the last call. */
function takeRuns(): Record<string, number> {
  const taken = { ...runs };
  for (const name in runs) delete runs[name];
  return taken;
}

describe('heads that feed one another', () => {
  it('read in predicting what their parent produced, each having run once, and nothing that nobody asked for', async () => {
    takeRuns();
    // the total of [1] is 2 (two elements), twice that is 4, and two steps up 6
    expect(await model.predict([{ left: [1] }])).toEqual([{ big: 60, bigger: 600, count: 6, total: 2, more: 20 }]);
    expect(takeRuns()).toEqual({ counter: 1, 'counter, forward': 1, big: 1, bigger: 1, more: 1 });
    expect(await model.predict([{ left: [1] }], { heads: ['bigger'] })).toEqual([{ bigger: 600 }]);
    expect(takeRuns()).toEqual({ counter: 1, 'counter, forward': 1, big: 1, bigger: 1 });
    expect(await model.predict([{ right: [1] }], { heads: ['more'], compile: false })).toEqual([{ more: 20 }]);
    expect(takeRuns()).toEqual({ more: 1 });
  });

  it('read in training what their parent computed, on the rows that they run on', async () => {
    const prepared = await Promise.all([{ left: [1] }, { right: [2] }, { left: [3] }].map((own) => model.prepare(own)));
    takeRuns();
    const gradients = tf.tidy(() => {
      const batch = uploadBatch(model.collate(prepared));
      const { heads } = model.forward(batch, trainingContext(RandomKey.from(0), model));
      expect(heads.bigger.rows).toEqual([0, 2]);
      expect([...(heads.bigger.output as tf.Tensor).dataSync()]).toEqual([400, 1200]);
      expect([...(heads.count.output as tf.Tensor).dataSync()]).toEqual([4, 8, 12]);
      expect(takeRuns()).toEqual({ 'counter, forward': 1, big: 1, bigger: 1, more: 1 });
      const loss = () => tf.sum(model.forward(batch, inferenceContext(), ['big']).heads.big.output as tf.Tensor);
      return tf.variableGrads(loss as () => tf.Scalar).grads;
    });
    const { value } = model.parameters().get('heads.count.weight')!;
    expect(gradients[value.name].dataSync()[0]).toBe(10 * (2 + 4 + 6)); // through the child to its parent
    expect(gradients[model.parameters().get('heads.bigger.weight')!.value.name]).toBeUndefined();
    tf.dispose(gradients);
  });

  it('run in training where there is something to learn, and nothing else', async () => {
    const train = async (...samples: Sample[]) => {
      const prepared = await Promise.all(samples.map((own) => model.prepare(own)));
      takeRuns();
      return tf.tidy(() => {
        const losses = model.losses(uploadBatch(model.collate(prepared)), trainingContext(RandomKey.from(0), model));
        return [Object.keys(losses), takeRuns()];
      });
    };
    expect(await train({ left: [1], targets: { total: 1 } })).toEqual([['total'], {}]); // nothing that counts itself
    expect(await train({ left: [1] })).toEqual([[], {}]);
  });

  it('are asked with options, also those that only feed what is asked for', async () => {
    const options = { heads: { count: { steps: 5 }, big: {} } };
    expect(await model.predict([{ left: [1] }, { left: [2] }], options)).toEqual([
      { count: 9, big: 90 },
      { count: 13, big: 130 },
    ]);
  });

  it('stream what they produce, and stop and free what they hold when they are left', async () => {
    const before = tf.memory().numTensors;
    const stream = model.stream({ left: [1] }, 'count', { steps: 3 });
    const said = [await stream.next(), await stream.next(), await stream.next(), await stream.next()];
    expect(said.map(({ value }) => value)).toEqual([5, 6, 7, 7]);
    expect(said.map(({ done }) => done)).toEqual([false, false, false, true]);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('give an error where what is produced is not finite', async () => {
    await expect(model.predict([{ left: [Number.NaN] }], { heads: ['big'] })).rejects.toThrow(NonFiniteError);
  });
});

describe('the signature of heads that produce', () => {
  const opened = composeUnchecked(createRegistry([numbersPlugin, plugin]), {
    hiddenSize: 2,
    encoders: { left: { use: 'numbers' } },
    fusion: { use: 'sum' },
    heads: {
      count: { use: 'counter' },
      open: { use: 'open' },
      after: { use: 'scaled', input: 'open' },
      total: { use: 'total' },
    },
  });
  opened.parameters().get('encoders.left.weight')!.assignValues(Float32Array.of(1, 1));

  it('has the numbers of their one pass, and answers for the others', async () => {
    const { heads, run, inputs, answers } = await opened.signature({ left: [1] });
    expect(heads).toEqual(['open', 'total']); // what `after` reads is there after further steps alone
    const outputs = run(inputs([await opened.prepare({ left: [1] }), await opened.prepare({ left: [3] })]));
    expect([...outputs['open/first']!.dataSync()]).toEqual([4, 12]); // the totals, 2 and 6, times the weight
    expect(await answers(outputs)).toEqual([{ total: 2 }, { total: 6 }]);
    const alone = await opened.signature({ left: [1] }, { heads: ['open'] });
    await expect(alone.answers({ 'open/first': outputs['open/first']! })).rejects.toThrow(
      'signature.answers: expected a head that answers from one pass, received open, whose answers take further steps.',
    );
  });

  it.each(['count', 'after'])('is refused where there are none: %s', async (head) => {
    await expect(opened.signature({ left: [1] }, { heads: [head as 'open'] })).rejects.toThrow(ConfigError);
  });
});
