import { describe, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import { composeModel } from './compose-model';
import type { ModelConfig } from './model-config';
import { defineFusion, definePlugin } from './plugin';
import { createRegistry } from './registry';
import { numbersPlugin } from './test-parts';

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
type Config = Parameters<typeof composeModel<(typeof registry.plugins)[number]>>[1];

/** Never called: what stands here is checked by the compiler, with `tsc` as with the editor. */
const compose = (config: Config) => composeModel(registry, config);

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

  it('is open where the plugins are not known', () => {
    expectTypeOf<ModelConfig['fusion']['use']>().toEqualTypeOf<string>();
  });
});
