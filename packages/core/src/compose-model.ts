import { z } from 'zod';
import { allOrNothing } from './all-or-nothing';
import { checkAdapters, checkConfig } from './check-config';
import { checkFit } from './check-fit';
import { describeValue } from './describe-value';
import { Encoder } from './encoder';
import { ConfigError } from './errors';
import { Fusion } from './fusion';
import { Head } from './head';
import { requireFree } from './hold-model';
import { makeProcessors, type SavedFile } from './make-processors';
import { Model } from './model';
import type { HeadInputs, HeadRules, HeadUses, ModelConfig, UncheckedSlot } from './model-config';
import { modelLimit } from './model-limit';
import type { ModelOf } from './model-of';
import { initialize, requireModule } from './module';
import { limitParameters } from './parameter-limit';
import { parseConfig } from './parse-config';
import { within } from './part/within-config';
import type { Plugin } from './plugin';
import type { Processor } from './processor';
import { RandomKey } from './random-key';
import type { Registry } from './registry';
import type { Requirements } from './requirements';
import { encoderOfOne } from './several/several-encoder';

/** How a model is made, apart from its config. */
export interface ComposeOptions {
  /** Whether parameters get their initial values (default), or stay without one for a checkpoint to fill. */
  readonly initialize?: boolean;
  /** The files that processors saved with the model, by part (`processors/<slot>`, or `targets/<head>`) and name. */
  readonly savedFile?: SavedFile;
  /** False for a model whose samples strangers send: paths of files are refused in them, and bytes are asked for (default true). */
  readonly readFiles?: boolean;
}

/**
 * Builds a model from a config. The whole config is checked before anything is built.
 *
 * ```ts
 * const model = composeModel(createRegistry([text, vision, fusion, heads]), {
 *   hiddenSize: 64,
 *   encoders: {
 *     photo: { use: 'vit', imageSize: 32, patchSize: 8 }, // samples have their pictures under `photo`
 *     note: { use: 'transformer' },
 *   },
 *   fusion: { use: 'masked-transformer' },
 *   heads: { ripe: { use: 'classification', labels: ['ripe', 'unripe'] } },
 * });
 * const [answer] = await model.predict([{ note: 'soft and sweet' }]); // no photo: fine
 * console.log(answer?.ripe.label);
 * ```
 *
 * @throws ConfigError or UnknownNameError naming the offending path and the nearest valid name
 */
export function composeModel<
  P extends Plugin,
  const Uses extends HeadUses<P>,
  const Inputs extends HeadInputs<Uses> = HeadInputs<Uses>,
  const Rules extends HeadRules<Uses> = HeadRules<Uses>,
>(
  registry: Registry<P>,
  config: ModelConfig<P, Uses, Inputs, Rules>,
  options: ComposeOptions = {},
): ModelOf<P, Uses, Inputs, Rules> {
  return composeUnchecked(registry, config, options) as ModelOf<P, Uses, Inputs, Rules>;
}

/**
 * As {@link composeModel}, for a config whose type is not known: one read from a file.
 *
 * ```ts
 * const model = composeUnchecked(registry, JSON.parse(await readFile('model.json', 'utf8')));
 * ```
 */
export function composeUnchecked(registry: Registry, config: unknown, options: ComposeOptions = {}): Model {
  parseConfig(composeOptions, options, 'composeModel');
  const plan = checkConfig(registry, config);
  const initialized = options.initialize !== false;
  const model = limitParameters(modelLimit(initialized), () => build(registry, plan, options));
  if (initialized) initializeModel(model);
  return model;
}

function build(registry: Registry, plan: ReturnType<typeof checkConfig>, options: ComposeOptions): Model {
  const { hiddenSize } = plan.config;
  const { processors, targets } = makeProcessors(plan, options.savedFile);
  const encoders: Record<string, Encoder> = {};
  for (const { slot, definition, config } of plan.encoders) {
    within(`encoders.${slot}`, () => {
      encoders[slot] = made(Encoder, definition.create(config, { slot, hiddenSize, processor: processors[slot] }));
      made(Encoder, encoderOfOne(encoders[slot]));
    });
  }
  const fusion = within('fusion', () =>
    made(Fusion, plan.fusion.definition.create(plan.fusion.config, { hiddenSize, encoders })),
  );

  const heads: Record<string, Head> = {};
  const headInputs: Record<string, string> = {};
  const headRequirements: Record<string, Requirements> = {};
  for (const { name, input, requires, definition, config } of plan.heads) {
    const parent = input === 'fused' ? undefined : heads[input];
    within(`heads.${name}`, () => {
      const processor = targets[name]?.processor as Processor;
      heads[name] = made(Head, definition.create(config, { name, fusion, encoders, parent, target: processor }));
    });
    headInputs[name] = input;
    if (requires) headRequirements[name] = requires;
  }

  const fusionName = plan.config.fusion.use;
  checkFit(registry, { hiddenSize, encoders, fusion, fusionName, heads, headInputs, headRequirements });
  const model = new Model({
    config: plan.config,
    processors,
    encoders,
    fusion,
    heads,
    headInputs,
    headRequirements,
    targets,
    readFiles: options.readFiles !== false,
    slotModalities: Object.fromEntries(plan.encoders.map(({ slot, definition }) => [slot, definition.modality])),
    plugins: registry.pluginsOf(plan.config),
  });
  putOn(plan.adapters, model, 0);
  return model;
}

/**
 * Puts adapters on a model that is composed already, trained or pretrained: its config asks for them from then on. What they begin with
 * changes nothing that the model computes.
 *
 * ```ts
 * addAdapters(registry, model, [{ use: 'lora', targets: ['query', 'value'] }]);
 * ```
 *
 * @throws ConfigError or UnknownNameError as {@link composeModel}, and the model stays as it was; StateError while the model is trained
 */
export function addAdapters(registry: Registry, model: Model, adapters: readonly UncheckedSlot[]): void {
  requireModule(model, 'addAdapters');
  requireFree(model, 'addAdapters');
  const former = model.config.adapters ?? [];
  const checked = checkAdapters(registry, adapters, former.length);
  allOrNothing(model, () => putOn(checked, model, former.length));
  model.adoptConfig({ ...model.config, adapters: [...former, ...adapters] }, registry);
  initializeModel(model);
}

function putOn(adapters: ReturnType<typeof checkAdapters>, model: Model, first: number): void {
  adapters.forEach(({ definition, config }, index) => {
    within(`adapters.${first + index}`, () => definition.apply(config, { model }));
  });
}

/** Gives every parameter of a model that has no value yet its initial one, which the seed of the config determines. */
export function initializeModel(model: Model): void {
  requireModule(model, 'initializeModel');
  initialize(model, RandomKey.from(model.config.seed ?? 0).fold('parameters'));
}

/** A part of another copy of core has parameters that no module tree of this one finds: a model of it would save nothing. */
function made<Part>(Base: abstract new (...args: never[]) => Part, part: unknown): Part {
  if (part instanceof Base) return part;
  const sameName = describeValue(part).startsWith('an object');
  throw new ConfigError({
    where: 'create',
    expected: `${/^[AEIOU]/.test(Base.name) ? 'an' : 'a'} ${Base.name} of this copy of @polymodal/core`,
    received: describeValue(part),
    ...(sameName && {
      hint: 'Two copies are installed if it is one: see `npm ls @polymodal/core`, and have only one.',
    }),
  });
}

const composeOptions = z.strictObject({
  initialize: z.boolean().optional(),
  readFiles: z.boolean().optional(),
  savedFile: z.custom<unknown>((value) => typeof value === 'function', 'a function').optional(),
});
