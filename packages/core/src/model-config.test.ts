import type * as tf from '@tensorflow/tfjs-core';
import { describe, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import { composeModel } from './compose-model';
import { defineConfig } from './define-config';
import { type PolymodalError, StateError } from './errors';
import { Head, type ProducedPiece } from './head';
import type { LossTerms } from './loss';
import type { Model } from './model';
import type { HeadInputs, HeadUses, ModelConfig } from './model-config';
import { defineFusion, defineHead, definePlugin } from './plugin';
import { createRegistry } from './registry';
import { numbersPlugin, TotalHead } from './testing/test-parts';

const other = definePlugin({
  name: 'other',
  specificationVersion: 'v1',
  fusions: [
    defineFusion({
      name: 'mean',
      config: z.object({ numHiddenLayers: z.int() }),
      create: (_, setup) => numbersPlugin.fusions![0].create({}, setup),
    }),
  ],
});
const registry = createRegistry([numbersPlugin, other]);
type Plugins = (typeof registry.plugins)[number];
type Config = ModelConfig<Plugins>;

/** Never called: what stands here is checked by the compiler, with `tsc` as with the editor. */
const compose = <const Uses extends HeadUses<Plugins>, const Inputs extends HeadInputs<Uses>>(
  config: ModelConfig<Plugins, Uses, Inputs>,
) => composeModel(registry, config);

describe('the type of a config', () => {
  it('is inferred from the plugins of the registry', () => {
    expectTypeOf<Config['fusion']['use']>().toEqualTypeOf<'sum' | 'mean'>();
    expectTypeOf<Config['encoders'][string]['use']>().toEqualTypeOf<'numbers'>();
    expectTypeOf<Config['encoders'][string]['scale']>().toEqualTypeOf<number | undefined>();
    expectTypeOf<Config['encoders'][string]['several']>().toEqualTypeOf<
      boolean | { most?: number | undefined; ordered?: boolean | undefined } | undefined
    >();
    expectTypeOf<Config['heads'][string]['input']>().toEqualTypeOf<string | undefined>();
    expectTypeOf(
      composeModel(registry, {
        hiddenSize: 4,
        encoders: { left: { use: 'numbers', scale: 2 } },
        fusion: { use: 'mean', numHiddenLayers: 1 },
        heads: { total: { use: 'total' } },
      }).modalities,
    ).toEqualTypeOf<string[]>();
  });

  it('refuses what the parts do not know', () => {
    const rest = { hiddenSize: 4, encoders: {}, heads: {} } as const;
    // @ts-expect-error: no fusion of this name
    expectTypeOf(() => compose({ ...rest, fusion: { use: 'sun' } }));
    // @ts-expect-error: an option that "mean" does not have
    expectTypeOf(() => compose({ ...rest, fusion: { use: 'mean', numHiddenLayers: 1, gate: 'open' } }));
    // @ts-expect-error: "mean" needs numHiddenLayers
    expectTypeOf(() => compose({ ...rest, fusion: { use: 'mean' } }));
    // @ts-expect-error: a value of the wrong type
    expectTypeOf(() => compose({ ...rest, fusion: { use: 'sum', gate: 3 } }));
    // @ts-expect-error: an option of the processor with a value of the wrong type
    expectTypeOf(() => compose({ ...rest, encoders: { a: { use: 'numbers', scale: '2' } }, fusion: { use: 'sum' } }));
    // @ts-expect-error: a misspelt option in a literal
    expectTypeOf(() => compose({ ...rest, encoders: { a: { use: 'numbers', sclae: 2 } }, fusion: { use: 'sum' } }));
    // @ts-expect-error: hiddenSize is missing
    expectTypeOf(() => compose({ encoders: {}, heads: {}, fusion: { use: 'sum' } }));
    // @ts-expect-error: a misspelt key at the top
    expectTypeOf(() => compose({ ...rest, fusion: { use: 'sum' }, sead: 3 }));
  });

  it("tells of a misspelt head's name, and not of its options", () => {
    expectTypeOf(() =>
      compose({
        hiddenSize: 4,
        encoders: {},
        fusion: { use: 'sum' },
        heads: {
          total: {
            count: 2,
            // @ts-expect-error: no head of this name
            use: 'totl',
          },
        },
      }),
    );
  });

  it('keeps its types in a variable', () => {
    const config = () =>
      defineConfig(registry, {
        hiddenSize: 4,
        encoders: { left: { use: 'numbers' } },
        fusion: { use: 'sum' },
        heads: { total: { use: 'total' } },
      });
    expectTypeOf(() => compose(config())).returns.toEqualTypeOf(compose(config()));
    // @ts-expect-error: a misspelt option
    expectTypeOf(() => defineConfig(registry, { ...config(), heads: { total: { use: 'total', facter: 2 } } }));
  });

  it('is open where the plugins are not known', () => {
    expectTypeOf<ModelConfig['fusion']['use']>().toEqualTypeOf<string>();
  });
});

describe('the type of an answer', () => {
  const rest = { hiddenSize: 4, encoders: {}, fusion: { use: 'sum' } } as const;
  class Always extends TotalHead {
    declare readonly requires: object;
  }
  const always = definePlugin({
    name: 'always',
    specificationVersion: 'v1',
    heads: [defineHead({ name: 'always', config: z.object({}), create: () => new Always({}, 1) })],
  });
  const typed = () =>
    composeModel(createRegistry([numbersPlugin, always]), {
      hiddenSize: 4,
      encoders: { left: { use: 'numbers' } },
      fusion: { use: 'sum' },
      heads: {
        sum: { use: 'always' },
        pair: { use: 'total', count: 2 },
        more: { use: 'always', input: 'pair' },
        most: { use: 'always', input: 'more' },
        half: { use: 'always', input: 'sum' },
        some: { use: 'always', requires: { all: ['left'] } },
        rest: { use: 'always', input: 'some' },
      },
    });
  type Typed = ReturnType<typeof typed>;

  it('follows from the heads of the config; what requires modalities may be missing', () => {
    const plain = (model: Typed) => model.predict([]);
    const answer = {} as Awaited<ReturnType<typeof plain>>[number];
    expectTypeOf(answer.sum).toEqualTypeOf<number>();
    expectTypeOf(answer.pair).toEqualTypeOf<number | undefined>();
    // @ts-expect-error: no head of this name
    expectTypeOf(answer.sun);
  });

  it('may be missing too where what feeds the head may be', () => {
    const plain = (model: Typed) => model.predict([]);
    const answer = {} as Awaited<ReturnType<typeof plain>>[number];
    expectTypeOf(answer.more).toEqualTypeOf<number | undefined>();
    expectTypeOf(answer.most).toEqualTypeOf<number | undefined>();
    expectTypeOf(answer.half).toEqualTypeOf<number>();
  });

  it('may be missing where the config requires something for a head, and for what that feeds', () => {
    const plain = (model: Typed) => model.predict([]);
    const answer = {} as Awaited<ReturnType<typeof plain>>[number];
    expectTypeOf(answer.some).toEqualTypeOf<number | undefined>();
    expectTypeOf(answer.rest).toEqualTypeOf<number | undefined>();
    // @ts-expect-error: a requirement that there is not
    expectTypeOf(() => compose({ ...rest, heads: { total: { use: 'total', requires: { every: ['left'] } } } }));
    // @ts-expect-error: names, and not one name
    expectTypeOf(() => compose({ ...rest, heads: { total: { use: 'total', requires: { all: 'left' } } } }));
  });

  it('is there where it is asked for by name, or an error where that is wished', () => {
    const asked = (model: Typed) => model.predict([], { heads: ['pair'] });
    expectTypeOf<Awaited<ReturnType<typeof asked>>>().toEqualTypeOf<{ readonly pair: number }[]>();
    const skipping = (model: Typed) => model.predict([], { heads: ['pair'], onError: 'skip' });
    expectTypeOf<Awaited<ReturnType<typeof skipping>>>().toEqualTypeOf<
      ({ readonly pair: number } | PolymodalError)[]
    >();
    // @ts-expect-error: no head of this name
    expectTypeOf((model: Typed) => model.predict([], { heads: ['pear'] }));
  });

  it('passes for that of any model', () => {
    expectTypeOf<Typed>().toExtend<Model>();
  });
});

describe('the type of what is asked of a head', () => {
  const options = z.object({ maxLength: z.int().default(3) });
  class Writer extends Head<tf.Tensor1D, string, typeof options, 'a' | 'b'> {
    readonly requires = {};
    override readonly predictOptions = options;
    declare forward: () => tf.Tensor1D;
    declare loss: () => LossTerms<tf.Tensor1D>;
    declare scores: () => tf.NamedTensorMap;
    declare answers: () => string[];
    override produce(): AsyncGenerator<ProducedPiece<'a' | 'b'>, tf.Tensor1D, void> {
      throw new StateError({ expected: 'never to be called', received: 'a call' });
    }
  }
  const writers = definePlugin({
    name: 'writers',
    specificationVersion: 'v1',
    heads: [defineHead({ name: 'writer', config: z.object({}), create: () => new Writer() })],
  });
  const typed = () =>
    composeModel(createRegistry([numbersPlugin, writers]), {
      hiddenSize: 4,
      encoders: { left: { use: 'numbers' } },
      fusion: { use: 'sum' },
      heads: { caption: { use: 'writer' }, total: { use: 'total' } },
    });
  type Typed = ReturnType<typeof typed>;

  it('follows from its schema, and is nothing for a head that has none', () => {
    const asked = (model: Typed) => model.predict([], { heads: { caption: { maxLength: 2 } } });
    expectTypeOf<Awaited<ReturnType<typeof asked>>>().toEqualTypeOf<{ readonly caption: string }[]>();
    expectTypeOf((model: Typed) =>
      model.predict([], { heads: { caption: {}, total: {} } }),
    ).returns.resolves.toEqualTypeOf<{ readonly caption: string; readonly total: number }[]>();
    // @ts-expect-error: a misspelt option
    expectTypeOf((model: Typed) => model.predict([], { heads: { caption: { maxLenght: 2 } } }));
    // @ts-expect-error: a head without options
    expectTypeOf((model: Typed) => model.predict([], { heads: { total: { maxLength: 2 } } }));
  });

  it('gives the pieces that it answers in', () => {
    const pieces = (model: Typed) => model.stream({}, 'caption', { maxLength: 2 });
    expectTypeOf<ReturnType<typeof pieces>>().toEqualTypeOf<AsyncGenerator<'a' | 'b', string, void>>();
    // @ts-expect-error: no head of this name
    expectTypeOf((model: Typed) => model.stream({}, 'captoin'));
  });
});
