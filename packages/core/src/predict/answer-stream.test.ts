import { setTimeout as sleep } from 'node:timers/promises';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { composeModel } from '../compose-model';
import { MissingModalityError, NonFiniteError, type PolymodalError, SampleError } from '../errors';
import type { Model } from '../model';
import type { Processor } from '../processor';
import { createRegistry } from '../registry';
import type { Sample } from '../sample';
import { numbersPlugin } from '../testing/test-parts';

let model: Model;

beforeAll(() => {
  model = composeModel(createRegistry([numbersPlugin]), {
    hiddenSize: 2,
    encoders: { left: { use: 'numbers' }, right: { use: 'numbers' } },
    fusion: { use: 'sum' },
    heads: { total: { use: 'total' }, seen: { use: 'total', all: ['left'] } },
  });
  for (const parameter of model.parameters().values()) parameter.assignValues(Float32Array.of(1, 1));
});

afterAll(() => model.dispose());

/** A sample of one of three lengths, and of one of two combinations, whose total is 2 · index. */
function sampleOf(index: number): Sample {
  const values = [index, ...new Array(index % 3).fill(0)];
  return index % 5 === 0 ? { right: values } : { left: values };
}

const totals = (count: number) => Array.from({ length: count }, (_, index) => 2 * index);
const samples = (count: number) => Array.from({ length: count }, (_, index) => sampleOf(index));

async function drain<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of stream) items.push(item);
  return items;
}

/** Runs with another way of reading the numbers under `left`. */
async function reading<T>(process: Processor['process'], run: () => Promise<T>): Promise<T> {
  const processor = model.processors.left as { process: Processor['process'] };
  const own = processor.process;
  processor.process = process;
  try {
    return await run();
  } finally {
    processor.process = own;
  }
}

const ownProcess = () => model.processors.left.process.bind(model.processors.left);

describe('predictStream', () => {
  it('takes arrays, generators and asynchronous sources alike, and answers in their order', async () => {
    const generated = function* () {
      yield* samples(50);
    };
    const slow = async function* () {
      for (const [index, sample] of samples(50).entries()) {
        if (index % 7 === 0) await sleep(1);
        yield sample;
      }
    };
    for (const source of [samples(50), new Set(samples(50)), generated(), slow()]) {
      const items = await drain(model.predictStream(source, { batchSize: 4, heads: ['total'] }));
      expect(items.map(({ index }) => index)).toEqual([...Array(50).keys()]);
      expect(items.map(({ answer }) => answer.total)).toEqual(totals(50));
      expect(items.map(({ sample }) => sample)).toEqual(samples(50));
    }
  });

  it('reads no further ahead than a bound, however long the source is, and prepares few at once', async () => {
    let [read, preparing, most] = [0, 0, 0];
    const endless = function* () {
      for (;;) yield sampleOf(read++);
    };
    const process = ownProcess();
    const counting: Processor['process'] = async (raw, context) => {
      most = Math.max(most, ++preparing);
      await sleep(0);
      preparing--;
      return process(raw, context);
    };
    await reading(counting, async () => {
      let answered = 0;
      for await (const { index } of model.predictStream(endless(), { batchSize: 8 })) {
        expect(read - index).toBeLessThanOrEqual(8 * 8 + 32 + 2);
        if (++answered === 300) break;
      }
    });
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(32);
  });

  it('answers a sample of a rare shape before too many others wait for it', async () => {
    let read = 0;
    const rareFirst = function* () {
      yield { left: [1], right: [1] };
      while (read++ < 1000) yield { left: [1] };
    };
    for await (const { index } of model.predictStream(rareFirst(), { batchSize: 4 })) {
      expect(read - index).toBeLessThanOrEqual(8 * 4 + 32 + 2);
    }
  });

  it('answers what has come while a source keeps it waiting', async () => {
    let proceed = () => {};
    const waiting = new Promise<void>((resolve) => {
      proceed = resolve;
    });
    const source = async function* () {
      yield sampleOf(0);
      yield sampleOf(1);
      await waiting;
      yield sampleOf(2);
    };
    const stream = model.predictStream(source());
    const first = [(await stream.next()).value, (await stream.next()).value];
    expect(first.map(({ answer }) => answer.total)).toEqual([0, 2]);
    proceed();
    expect((await stream.next()).value.answer.total).toBe(4);
    expect((await stream.next()).done).toBe(true);
  });

  it('puts the same samples into the same batches at every call, whatever the time that each takes', async () => {
    const batches = async (delay: (index: number) => number) => {
      const sizes: string[] = [];
      const processor = model.processors.left as { collate: Processor['collate'] };
      const collate = processor.collate;
      processor.collate = (rows) => {
        sizes.push(rows.map(({ values }) => values.data[0]).join());
        return collate.call(processor, rows);
      };
      const process = ownProcess();
      const late: Processor['process'] = async (raw, context) => {
        await sleep(delay((raw as number[])[0]));
        return process(raw, context);
      };
      await reading(late, () => model.predict(samples(60), { batchSize: 4 }));
      processor.collate = collate;
      return sizes;
    };
    expect(await batches((index) => index % 3)).toEqual(await batches((index) => (index * 7) % 4));
  });

  it('closes its source when it is left early, when a sample fails, and at the end', async () => {
    let closed = 0;
    const source = function* (broken?: Sample) {
      try {
        yield* samples(40);
        if (broken) yield broken;
        yield* samples(40);
      } finally {
        closed++;
      }
    };
    for await (const _ of model.predictStream(source(), { batchSize: 4 })) break;
    await sleep(5);
    expect(closed).toBe(1);
    await expect(model.predict(source({ left: 'x' }))).rejects.toThrow('sample 40, left');
    await sleep(5);
    expect(closed).toBe(2);
    await model.predict(source());
    expect(closed).toBe(3);
  });

  it('lets an error of the source through', async () => {
    const source = async function* () {
      yield sampleOf(0);
      throw new RangeError('disk');
    };
    await expect(model.predict(source(), { onError: 'skip' })).rejects.toThrow('disk');
  });
});

describe('onError', () => {
  const broken: Sample[] = [{ left: 'x' }, { lfet: [1] }, {}, undefined as unknown as Sample];
  const mixed = samples(60).map((sample, index) => (index % 13 === 5 ? broken[Math.floor(index / 13) % 4] : sample));

  it('"skip" puts the error of each broken sample in the place of its answer, and answers the others', async () => {
    const answers = await model.predict(mixed, { onError: 'skip', batchSize: 4 });
    expect(answers).toHaveLength(60);
    answers.forEach((answer, index) => {
      if (index % 13 !== 5) {
        expect((answer as { total: number }).total).toBe(2 * index);
        return;
      }
      expect(answer).toBeInstanceOf(SampleError);
      expect((answer as SampleError).where).toMatch(new RegExp(`^sample ${index}(, left)?$`));
    });
  });

  it('"skip" names the samples that a head which was asked for cannot run on', async () => {
    const answers = await model.predict(samples(7), { onError: 'skip', heads: ['seen'] });
    expect(answers.map((answer) => answer instanceof MissingModalityError)).toEqual(
      samples(7).map((sample) => 'right' in sample),
    );
    expect((answers[5] as PolymodalError).message).toContain('sample 5, head "seen": expected all of left');
  });

  it('"throw" ends with the first error', async () => {
    await expect(model.predict(mixed)).rejects.toThrow('sample 5, left: expected an array of numbers');
  });

  it('is one of the two', async () => {
    await expect(model.predict([], { onError: 'ignore' as never })).rejects.toThrow(
      'predict.onError: expected "throw" or "skip", received "ignore".',
    );
  });
});

describe('numbers that are not finite', () => {
  it('are an error of the row that has them alone', async () => {
    const answers = await model.predict([{ left: [1] }, { left: [Number.POSITIVE_INFINITY] }, { left: [3] }], {
      onError: 'skip',
    });
    expect(answers.map((answer) => answer instanceof NonFiniteError)).toEqual([false, true, false]);
    expect((answers[1] as PolymodalError).message).toBe(
      'sample 1, head "total": expected finite numbers to answer from, received totals with Infinity. ' +
        'The weights of the model are not finite, or a feature of the sample is so large that it overflows.',
    );
  });

  it('from weights are an error instead of an answer', async () => {
    const [weight] = model.parameters().values();
    const values = Float32Array.from(await weight.value.data());
    weight.assignValues(Float32Array.of(Number.NaN, 1));
    await expect(model.predict([{ left: [1] }])).rejects.toThrow(NonFiniteError);
    weight.assignValues(values);
  });
});

describe('an interruption', () => {
  it('arrives between batches', async () => {
    const controller = new AbortController();
    const stream = model.predictStream(samples(100), { batchSize: 4, signal: controller.signal });
    setImmediate(() => controller.abort(new Error('enough')));
    await expect(drain(stream)).rejects.toThrow('enough');
  });

  it('arrives while a sample is prepared, and while the source is waited for', async () => {
    const never = () => new Promise<never>(() => {});
    const stopped = async (run: (signal: AbortSignal) => Promise<unknown>) => {
      const controller = new AbortController();
      const running = run(controller.signal);
      setImmediate(() => controller.abort(new Error('enough')));
      await expect(running).rejects.toThrow('enough');
    };
    await reading(never, () => stopped((signal) => model.predict([{ left: [1] }], { signal })));
    const hanging = async function* () {
      yield sampleOf(0);
      await never();
    };
    await stopped((signal) => model.predict(hanging(), { signal }));
  });

  it('leaves no tensor behind', async () => {
    await model.predict(samples(10));
    const before = tf.memory().numTensors;
    const controller = new AbortController();
    setImmediate(() => controller.abort());
    await model.predict(samples(100), { batchSize: 4, signal: controller.signal }).catch(() => undefined);
    expect(tf.memory().numTensors).toBe(before);
  });
});
