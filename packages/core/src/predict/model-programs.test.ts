import * as tf from '@tensorflow/tfjs-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type BackendCapabilities, backendCapabilities } from '../backend/capabilities';
import { useBackend } from '../backend/use-backend';
import { composeModel, composeUnchecked } from '../compose-model';
import { ShapeError } from '../errors';
import { Head, type HeadInput, type ProducedPiece } from '../head';
import type { Model } from '../model';
import { defineHead, definePlugin } from '../plugin';
import { RandomKey } from '../random-key';
import { createRegistry } from '../registry';
import type { Sample } from '../sample';
import { NumbersEncoder, numbersPlugin } from '../testing/test-parts';
import type { Tokens } from '../tokens';

/** What was compiled, in the order in which it was asked for. */
const compiled: { statistics(): { compilations: number; programs: number; runs: number } }[] = [];
let model: Model;

beforeAll(async () => {
  await useBackend('onnx');
  const { compile, ...others } = backendCapabilities() as BackendCapabilities;
  const watched: BackendCapabilities = {
    ...others,
    compile(fn, options) {
      const program = compile(fn, options);
      compiled.push(program as unknown as (typeof compiled)[number]);
      return program;
    },
  };
  Object.defineProperty(tf.backend(), Symbol.for('polymodal.capabilities'), { value: watched });
});

afterAll(() => useBackend('cpu'));
afterEach(() => model.dispose());

function compose(): Model {
  compiled.length = 0;
  model = composeModel(createRegistry([numbersPlugin]), {
    hiddenSize: 3,
    encoders: { left: { use: 'numbers' }, right: { use: 'numbers', scale: 2 } },
    fusion: { use: 'sum' },
    heads: { total: { use: 'total' }, twice: { use: 'total', input: 'total' }, seen: { use: 'total', all: ['left'] } },
  });
  return model;
}

/** Doubles the mean of what the encoders made of a row, step by step. */
class Doubling extends Head<tf.Tensor1D, number> {
  readonly requires = {};
  override readonly reads = ['encoded'] as const;

  forward({ fused }: HeadInput): tf.Tensor1D {
    const vectors = Object.values(fused.encoded ?? {}).map(({ pooled }) => pooled);
    return tf.mean(tf.addN(vectors), 1);
  }

  loss() {
    return {};
  }

  override async *produce(input: HeadInput): AsyncGenerator<ProducedPiece<number>, tf.Tensor1D, void> {
    const mean = tf.tidy(() => this.forward(input));
    yield { row: 0, piece: (await mean.data())[0] };
    const doubled = tf.mul<tf.Tensor1D>(mean, 2);
    mean.dispose();
    return doubled;
  }

  scores(numbers: tf.Tensor1D) {
    return { numbers };
  }

  answers({ numbers }: Parameters<Head['answers']>[0]): number[] {
    return [...numbers.data];
  }
}

/** A model of which one head produces its answer step by step, fed by nothing but the fusion, and one is fed by it. */
function composeWithSteps(): Model {
  compiled.length = 0;
  const doubling = defineHead({ name: 'doubling', config: z.object({}), create: () => new Doubling() });
  const plugin = definePlugin({ name: 'steps', specificationVersion: 'v1', heads: [doubling] });
  model = composeUnchecked(createRegistry([numbersPlugin, plugin]), {
    hiddenSize: 3,
    encoders: { left: { use: 'numbers' }, right: { use: 'numbers', scale: 2 } },
    fusion: { use: 'sum' },
    heads: {
      total: { use: 'total' },
      doubled: { use: 'doubling' },
      after: { use: 'total', input: 'doubled' },
      twice: { use: 'total', input: 'total' },
    },
  });
  return model;
}

/** Samples of every combination, of lengths from 1 to 40. */
function samples(count: number): Sample[] {
  return Array.from({ length: count }, (_, index) => {
    const key = RandomKey.from(index);
    const values = (name: string) => [...key.fold(name).normal(1 + ((index * 7) % 40))];
    return { ...(index % 3 !== 0 && { left: values('left') }), ...(index % 3 !== 1 && { right: values('right') }) };
  });
}

/** 1e-5: the sums run over up to 40 numbers of order 1, in another order. */
function expectSame(actual: readonly object[], expected: readonly object[]): void {
  expected.forEach((answer, row) => {
    expect(Object.keys(actual[row])).toEqual(Object.keys(answer));
    for (const [head, value] of Object.entries(answer)) {
      expect((actual[row] as Record<string, number>)[head]).toBeCloseTo(value, 4);
    }
  });
}

describe('a model that predicts on a backend that compiles', () => {
  it('answers as it does uncompiled, from one program for each combination, whatever the lengths and rows', async () => {
    const subject = compose();
    const expected = await subject.predict(samples(90), { compile: false });
    expect(compiled).toHaveLength(0);
    for (const batchSize of [1, 5, 32]) expectSame(await subject.predict(samples(90), { batchSize }), expected);
    expect(compiled.map((program) => program.statistics().compilations)).toEqual([1, 1, 1]);
    expect(compiled.every((program) => program.statistics().runs > 30)).toBe(true);
  });

  it('compiles beforehand when it is told to', async () => {
    const subject = compose();
    await subject.warmUp([{ left: [1] }, { right: [1, 2] }, { left: [1], right: [1] }]);
    const before = compiled.map((program) => program.statistics().compilations);
    expect(before).toEqual([1, 1, 1]);
    await subject.predict(samples(60));
    expect(compiled.map((program) => program.statistics().compilations)).toEqual(before);
  });

  it('answers with the weights as they are, however often they change', async () => {
    const subject = compose();
    const weight = subject.parameters().get('encoders.left.weight')!;
    for (const value of [1, 2, -3]) {
      weight.assignValues(new Float32Array(3).fill(value));
      const [answer] = await subject.predict([{ left: [1, 2] }]);
      expect(answer.total).toBeCloseTo(3 * 3 * value, 4);
    }
    expect(compiled).toHaveLength(1);
    expect(compiled[0].statistics().programs).toBe(1);
  });

  it('runs as it is where a part reads numbers midway, and asks once only', async () => {
    const subject = compose();
    const encoder = subject.encoders.left as unknown as { embed(batch: object, context: object): object };
    const embed = encoder.embed.bind(encoder);
    encoder.embed = (batch, context) => {
      (batch as { features: Record<string, tf.Tensor> }).features.values.dataSync();
      return embed(batch, context);
    };
    const expected = await subject.predict(samples(30), { compile: false });
    for (let call = 0; call < 2; call++) expectSame(await subject.predict(samples(30)), expected);
    const withLeft = compiled.filter((program) => program.statistics().runs === 0);
    expect(withLeft).toHaveLength(4); // two combinations, each tried with lengths left open and without
  });

  it('compiles what encodes and fuses, and heads that answer from that, beside a head that produces its answer in steps', async () => {
    const before = tf.memory().numTensors;
    const subject = composeWithSteps();
    const expected = await subject.predict(samples(60), { compile: false });
    expect(Object.keys(expected[0])).toEqual(['total', 'doubled', 'after', 'twice']);
    for (const batchSize of [5, 32]) expectSame(await subject.predict(samples(60), { batchSize }), expected);
    expect(compiled.map((program) => program.statistics().compilations)).toEqual([1, 1, 1]);
    expect(compiled.every((program) => program.statistics().runs > 10)).toBe(true);

    const during = tf.memory().numTensors;
    const stream = subject.stream(samples(1)[0], 'doubled');
    const [{ value: piece }, { value: answer }] = [await stream.next(), await stream.next()];
    expect(2 * (piece as number)).toBeCloseTo((expected[0] as { doubled: number }).doubled, 4);
    expect(answer).toBeCloseTo((expected[0] as { doubled: number }).doubled, 4);
    expect(compiled).toHaveLength(4); // what a stream needs alone
    expect(compiled[3].statistics().runs).toBe(1);
    expect(tf.memory().numTensors).toBe(during);
    subject.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('answers where a part fails at lengths that it is not for, which only tracing tries', async () => {
    const subject = compose();
    const encoder = subject.encoders.left as unknown as { embed(batch: object, context: object): object };
    const embed = encoder.embed.bind(encoder);
    encoder.embed = (batch, context) => {
      const [, length] = (batch as { features: Record<string, tf.Tensor> }).features.values.shape;
      if (length !== 5) throw new RangeError('no place for it');
      return embed(batch, context);
    };
    const five = [{ left: [1, 2, 3, 4, 5] }, { left: [5, 4, 3, 2, 1] }];
    expectSame(await subject.predict(five), await subject.predict(five, { compile: false }));
    await expect(subject.predict([{ left: [1] }])).rejects.toThrow('encoder "left": expected its encode() to run');
  });

  it('leaves nothing behind', async () => {
    const before = tf.memory().numTensors;
    const subject = compose();
    await subject.predict(samples(30));
    const during = tf.memory().numTensors;
    await subject.predict(samples(60));
    expect(tf.memory().numTensors).toBe(during);
    subject.dispose();
    expect(tf.memory().numTensors).toBe(before);
    expect(compiled.every((program) => program.statistics().programs === 0)).toBe(true);
  });

  it('answers where programs would be traced at lengths that the model refuses, and refuses only those', async () => {
    class Short extends NumbersEncoder {
      override embed(input: Parameters<NumbersEncoder['embed']>[0]): Tokens {
        const tokens = super.embed(input);
        if (tokens.mask.shape[1] <= 3) return tokens;
        throw new ShapeError({ where: 'numbers', expected: 'at most 3', received: String(tokens.mask.shape[1]) });
      }
    }
    const [numbers] = numbersPlugin.encoders!;
    const short = {
      ...numbers,
      name: 'short',
      create: (_: object, { hiddenSize }: { hiddenSize: number }) => new Short(hiddenSize),
    };
    const plugin = definePlugin({ name: 'short', specificationVersion: 'v1', encoders: [short] });
    compiled.length = 0;
    model = composeModel(createRegistry([numbersPlugin, plugin]), {
      hiddenSize: 3,
      encoders: { left: { use: 'short' } },
      fusion: { use: 'sum' },
      heads: { total: { use: 'total' } },
    } as never);
    await expect(model.predict([{ left: [1, 2, 3, 4] }])).rejects.toThrow('at most 3');
    const samples = [{ left: [1, 2] }, { left: [3, 4] }, { left: [5] }];
    const plain = await model.predict(samples, { compile: false });
    for (const [index, answer] of (await model.predict(samples)).entries()) {
      expect(answer.total as number).toBeCloseTo(plain[index].total as number, 4);
    }
    await model.predict(samples);
    expect(compiled.at(-1)?.statistics().runs).toBe(4); // one for each length, twice
    await expect(model.predict([{ left: [1, 2, 3, 4] }])).rejects.toThrow('at most 3');
  });
});
