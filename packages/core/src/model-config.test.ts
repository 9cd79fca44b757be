import { describe, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import { composeModel } from './compose-model';
import { defineConfig } from './define-config';
import type { PolymodalError } from './errors';
import type { Model } from './model';
import type { HeadInputs, HeadUses, ModelConfig } from './model-config';
import { defineFusion, defineHead, definePlugin } from './plugin';
import { createRegistry } from './registry';
import { numbersPlugin, TotalHead } from './test-parts';

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
