import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { uploadBatch } from '../batch';
import { composeModel, composeUnchecked } from '../compose-model';
import { inferenceContext } from '../context';
import { PartError, type PolymodalError, StateError } from '../errors';
import type { Model } from '../model';
import { defineHead, definePlugin, type Plugin } from '../plugin';
import { createRegistry } from '../registry';
import type { Sample } from '../sample';
import { numbersPlugin } from '../testing/test-parts';

let model: Model;
beforeEach(() => {
  model = composeModel(createRegistry([numbersPlugin]), {
    hiddenSize: 3,
    encoders: { left: { use: 'numbers' }, right: { use: 'numbers' }, many: { use: 'numbers', several: true } },
    fusion: { use: 'sum' },
    heads: { tone: { use: 'total' }, loud: { use: 'total', input: 'tone', all: ['left'] } },
  });
});
afterEach(() => model.dispose());

const samples: Sample[] = [{ left: [1, 2] }, { left: [3, 4] }, { right: [4], many: [[1], [2, 3]] }];
const boom = () => {
  throw new TypeError('boom');
};

/** Breaks a part, and gives the message of the error that predicting meets. */
async function complaint(part: object, broken: object): Promise<string> {
  Object.assign(part, broken);
  const before = tf.memory().numTensors;
  const error = await model.predict(samples).then(
    () => undefined,
    (thrown: PolymodalError) => thrown,
  );
  expect(PartError.isInstance(error)).toBe(true);
  expect(tf.memory().numTensors).toBe(before);
  return error?.message ?? '';
}

describe('a part that cannot be made is named', () => {
  const compose = (plugin: Partial<Plugin>, config: object) => () =>
    composeUnchecked(
      createRegistry([numbersPlugin, definePlugin({ name: 'own', specificationVersion: 'v1', ...plugin })]),
      {
        hiddenSize: 3,
        encoders: { left: { use: 'numbers' } },
        fusion: { use: 'sum' },
        heads: { tone: { use: 'total' } },
        ...config,
      },
    );
  const config = z.object({});
  const own = numbersPlugin.encoders![0];

  it('where its create throws, or makes no processor', () => {
    const head = defineHead({ name: 'own', config, create: boom });
    const said = 'heads.tone: expected its create() to run, received TypeError: boom.';
    expect(compose({ heads: [head] }, { heads: { tone: { use: 'own' } } })).toThrow(said);
    expect(compose({ heads: [head] }, { heads: { tone: { use: 'own' } } })).toThrow(PartError);
    const without = { config, create: () => ({ process: boom, shape: boom }) as never };
    const encoder = { ...own, name: 'own', processor: without };
    const bare =
      'encoders.left.processor, create(): expected a processor, received an object with process, shape, without collate().';
    expect(compose({ encoders: [encoder] }, { encoders: { left: { use: 'own' } } })).toThrow(bare);
  });
});

describe('a head that does not keep to its contract is named', () => {
  it('where it throws', async () => {
    const said = 'to run, received TypeError: boom. The fault lies in the code of that part';
    const { forward, scores } = model.heads.tone;
    expect(await complaint(model.heads.tone, { forward: boom })).toContain(
      `head "tone": expected its forward() ${said}`,
    );
    expect(await complaint(model.heads.tone, { forward, scores: boom })).toContain(
      `head "tone": expected its scores() ${said}`,
    );
    for (const answers of [boom, async () => boom()]) {
      const named = await complaint(model.heads.tone, { scores, answers });
      expect(named).toContain(`head "tone": expected its answers() ${said}`);
    }
  });

  it('where it gives fewer answers than rows, more, or a promise of fewer', async () => {
    for (const [answers, received] of [
      [() => [1], 'an array of 1'],
      [() => [1, 2, 3, 4], 'an array of 4'],
      [async () => [1], 'an array of 1'],
      [() => undefined, 'nothing'],
    ] as const) {
      const said = `head "tone", answers(): expected an array of 2, an answer for each row, received ${received}.`;
      expect(await complaint(model.heads.tone, { answers })).toBe(said);
    }
  });

  it('where its scores are no tensors, or not of the rows', async () => {
    for (const [scores, said] of [
      [() => undefined, ': expected named tensors, received nothing.'],
      [() => ({ own: [1, 2] }), '.own: expected a tensor of numbers of shape [2, …], received an array of 2.'],
      [
        () => ({ own: tf.tensor1d(['a', 'b']) }),
        '.own: expected a tensor of numbers of shape [2, …], received a tensor of string.',
      ],
      [() => ({ own: tf.zeros([3, 2]) }), '.own: expected shape [2, …], received [3, 2].'],
      [() => ({ own: tf.scalar(1) }), '.own: expected shape [2, …], received [].'],
    ] as const) {
      expect(await complaint(model.heads.tone, { scores })).toBe(`head "tone", scores()${said}`);
    }
  });

  it('where it cannot tell the rows of its output, for a head that it feeds', async () => {
    Object.assign(model.heads.tone, { selectRows: boom });
    const batch = uploadBatch(model.collate(await Promise.all(samples.map((sample) => model.prepare(sample)))));
    expect(() => tf.tidy(() => void model.forward(batch, inferenceContext()))).toThrow(
      'head "tone": expected its selectRows()',
    );
  });

  it('where its loss has no terms, or they no count and sum', async () => {
    const prepared = await model.prepare({ left: [1], targets: { tone: 1 } });
    for (const [loss, said] of [
      [boom, ': expected its loss() to run, received TypeError: boom.'],
      [() => undefined, ', loss(): expected named terms, received nothing.'],
      [
        () => ({ own: 3 }),
        ', loss().own: expected a count, and the function that gives the sum of what is counted, received 3.',
      ],
      [() => ({ own: { count: Number.NaN, sum: tf.scalar } }), 'received count NaN and sum a function.'],
      [() => ({ own: { count: 1, sum: () => tf.zeros([2]) } }), ', loss().own.sum(): expected shape [], received [2].'],
      [() => ({ own: { count: 1, sum: () => 3 } }), 'expected a tensor of numbers of shape [], received 3.'],
    ] as const) {
      Object.assign(model.heads.tone, { loss });
      const losses = () => tf.tidy(() => void model.losses(uploadBatch(model.collate([prepared])), inferenceContext()));
      expect(losses).toThrow(PartError);
      expect(losses).toThrow(said);
    }
  });

  it('where it tells a piece of no row', async () => {
    const pieces = [{ row: 1, piece: 'of the next row' }, { row: 0.5 }, undefined];
    for (const piece of pieces) {
      let isLeft = false;
      const produce = async function* () {
        try {
          yield piece;
        } finally {
          isLeft = true;
        }
      };
      Object.assign(model.heads.tone, { produce });
      await expect(model.predict([{ left: [1] }])).rejects.toThrow(
        'head "tone", produce(): expected pieces, each with its row, from 0 to 0, received',
      );
      expect(isLeft).toBe(true);
    }
    Object.assign(model.heads.tone, { produce: () => Promise.resolve() });
    await expect(model.predict([{ left: [1] }])).rejects.toThrow('head "tone": expected its produce() to run');
  });
});

describe('a fusion that does not keep to its contract is named', () => {
  it('where it throws, or gives none of what it has to', async () => {
    expect(await complaint(model.fusion, { forward: boom })).toContain(
      'fusion: expected its forward() to run, received TypeError: boom.',
    );
    const promised = 'fusion: expected tokens, mask and pooled, received a promise that was not awaited.';
    expect(await complaint(model.fusion, { forward: async () => ({}) })).toBe(promised);
  });

  it('where shapes are wrong, or a part is missing that it offers', async () => {
    const forward = model.fusion.forward.bind(model.fusion);
    for (const [wrong, said] of [
      [{ tokens: undefined }, 'fusion, tokens: expected a tensor of numbers of shape [2, N, 3], received nothing.'],
      [{ tokens: tf.zeros([2, 1, 4]) }, 'fusion, tokens: expected shape [2, N, 3], received [2, 1, 4].'],
      [{ mask: tf.ones([2, 5]) }, 'fusion, mask: expected shape [2, 1], received [2, 5].'],
      [{ pooled: tf.zeros([1, 3]) }, 'fusion, pooled: expected shape [2, 3], received [1, 3].'],
      [{ encoded: undefined }, 'fusion: expected "encoded", which it offers, received none.'],
      [{ encoded: {} }, 'fusion, encoded.left: expected tokens, mask, rows and pooled, received nothing.'],
      [
        { owner: { map: tf.zeros([2, 1]), slots: ['left'] } },
        'fusion, owner.slots: expected left, right, many, received left.',
      ],
      [{ gates: { left: tf.zeros([3, 1]) } }, 'fusion, gates.left: expected shape [2, L], received [3, 1].'],
      [{ usage: [] }, 'fusion, usage: expected tensors by slot, received an array of 0.'],
    ] as const) {
      const broken = (...given: Parameters<typeof forward>) => ({ ...forward(...given), ...wrong });
      expect(await complaint(model.fusion, { forward: broken })).toBe(said);
    }
  });

  it('with what it throws on purpose, and with an interruption, unchanged', async () => {
    const own = new StateError({ expected: 'peace', received: 'none' });
    const stop = new Error('enough');
    const control = new AbortController();
    for (const thrown of [own, new DOMException('stop', 'AbortError'), stop]) {
      if (thrown === stop) control.abort(stop);
      const forward = () => {
        throw thrown;
      };
      Object.assign(model.fusion, { forward });
      const batch = uploadBatch(model.collate([await model.prepare({ left: [1] })]));
      expect(() => model.forward(batch, inferenceContext({ signal: control.signal }))).toThrow(thrown);
    }
  });
});

describe('an encoder that does not keep to its contract is named, whoever meets it', () => {
  it('where it throws', async () => {
    const said = 'encoder "left": expected its encode() to run, received TypeError: boom.';
    expect(await complaint(model.encoders.left, { embed: boom })).toContain(said);
  });

  it('where its tokens have another width than it says, or there is no vector of the whole', async () => {
    const { finish } = model.encoders.left;
    const wide = (own: Parameters<typeof finish>[0]) => ({ ...own, pooled: tf.zeros([2, 5]) });
    const said = 'encoder "left", pooled: expected shape [2, 3], received [2, 5].';
    expect(await complaint(model.encoders.left, { finish: wide })).toBe(said);
    const bare = 'encoder "left", pooled: expected a tensor of numbers of shape [2, 3], received nothing.';
    expect(await complaint(model.encoders.left, { finish: (own: object) => own })).toBe(bare);
    const cut = ({ features, rows }: Parameters<Model['encoders'][string]['embed']>[0]) => ({
      tokens: tf.zeros([2, 1, 7]),
      mask: features.mask,
      rows,
    });
    const embedded = 'encoder "left", embed(): expected shape [2, N, 3], received [2, 1, 7].';
    expect(await complaint(model.encoders.left, { embed: cut, finish })).toBe(embedded);
  });
});

describe('a processor that does not keep to its contract is named, with the sample', () => {
  const numbers = Float32Array.of(1, 2);

  it('where what it makes of a value are no features', async () => {
    for (const [process, said] of [
      [() => undefined, ': expected named host tensors, received nothing.'],
      [() => ({}), ': expected named host tensors, at least one, received none.'],
      [
        () => ({ values: [1, 2] }),
        ', feature "values": expected a shape, and data in Float32Array, Int32Array, Uint16Array, Int16Array, Uint8Array, received an array of 2.',
      ],
      [() => ({ values: { data: [1], shape: [1] } }), 'received data an array of 1, shape an array of 1.'],
      [
        () => ({ values: { data: numbers, shape: [3] } }),
        ', feature "values": expected 3 values for shape [3], received 2.',
      ],
    ] as const) {
      const message = await complaint(model.processors.left, { process });
      expect(message).toContain('sample 0, left, processor, process()');
      expect(message).toContain(said);
    }
    Object.assign(model.processors.left, { process: () => ({}) });
    expect(await model.predict([{ left: [1] }, { right: [1] }], { onError: 'skip' })).toEqual([
      expect.any(PartError),
      { tone: expect.any(Number) },
    ]);
  });

  it('of one of several values', async () => {
    const { each } = model.processors.many as unknown as { each: object };
    Object.assign(each, { process: () => ({ values: 3 }) });
    const said = 'sample 0, many, value 1, processor, process(), feature "values": expected a shape';
    Object.assign(each, {
      process: (raw: number[]) =>
        raw.length === 1 ? { values: { data: new Float32Array(1), shape: [1] } } : { values: 3 },
    });
    await expect(model.predict([{ many: [[1], [2, 3]] }])).rejects.toThrow(said);
  });

  it('where it does not collate, or to other rows, or has no shape to tell', async () => {
    const { collate, shape } = model.processors.left;
    expect(await complaint(model.processors.left, { collate: boom })).toContain(
      'left, processor: expected its collate() to run, received TypeError: boom.',
    );
    const cut =
      'left, processor, collate(), feature "values": expected the 2 rows as first axis, received shape [1,2].';
    const alone = () => ({ values: { data: numbers, shape: [1, 2] } });
    expect(
      await complaint(model.processors.left, { collate: alone, shape: () => ({ lengths: { length: 2 } }) }),
    ).toContain(cut);
    expect(await complaint(model.processors.left, { collate, shape: boom })).toContain(
      'left, processor: expected its shape() to run',
    );
    Object.assign(model.processors.left, { shape });
  });
});
