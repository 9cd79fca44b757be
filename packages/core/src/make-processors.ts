import { checkConfig } from './check-config';
import { describeValue } from './describe-value';
import { PartError } from './errors';
import type { HeadTarget } from './head-target';
import { within } from './part/within-config';
import type { ProcessorSetup, TargetSetup } from './plugin';
import type { SampleProcessors } from './prepared-sample';
import type { Processor } from './processor';
import type { Registry } from './registry';

/** A file that a processor saved with its model, by part (`processors/<slot>`, or `targets/<head>`) and name. */
export type SavedFile = (part: string, name: string) => Uint8Array | undefined;

/**
 * The processors of the model that `composeModel` makes of a config, without the model: what prepares samples in another thread.
 *
 * @param savedFile what those of the model keep: see `processorFiles`
 * @throws ConfigError or UnknownNameError naming the offending path and the nearest valid name
 */
export function composeProcessors(registry: Registry, config: unknown, savedFile?: SavedFile): SampleProcessors {
  return makeProcessors(checkConfig(registry, config), savedFile);
}

/**
 * What the config of a model says of its processors, with defaults, and nothing of its encoders and heads: two models of which it is equal, and
 * whose processors know the same, prepare samples alike.
 */
export function processorOptions(registry: Registry, config: unknown): Readonly<Record<string, unknown>> {
  const plan = checkConfig(registry, config);
  const only = (options: Readonly<Record<string, unknown>>, schema: { readonly shape: object }) =>
    Object.fromEntries(Object.entries(options).filter(([name]) => Object.hasOwn(schema.shape, name)));
  const slots = plan.encoders.map(({ slot, definition, config: own }) => {
    const { use, several, shared } = plan.config.encoders[slot];
    return [slot, { use, several, shared, ...only(own, definition.processor.config) }] as const;
  });
  const heads = plan.heads.flatMap(({ name, target, definition, config: own }) => {
    const { use } = plan.config.heads[name];
    return definition.target
      ? [[`targets.${name}`, { use, target, ...only(own, definition.target.config) }] as const]
      : [];
  });
  return Object.fromEntries([...slots, ...heads]);
}

/** The processors of the slots of a config that was checked, and of the targets of its heads. */
export function makeProcessors(plan: ReturnType<typeof checkConfig>, savedFile?: SavedFile): SampleProcessors {
  const processors: Record<string, Processor> = {};
  for (const { slot, definition, config } of plan.encoders) {
    const setup: ProcessorSetup = { slot, savedFile: (name) => savedFile?.(`processors/${slot}`, name) };
    within(`encoders.${slot}`, () => {
      processors[slot] = made(definition.processor.create(config, setup));
    });
  }
  const targets: Record<string, HeadTarget> = {};
  for (const { name, target, definition, config } of plan.heads) {
    const own = definition.target;
    if (!own) continue;
    const setup: TargetSetup = { slot: name, savedFile: (file) => savedFile?.(`targets/${name}`, file), processors };
    within(`heads.${name}`, () => {
      targets[name] = { name: target, processor: made(own.create(config, setup)) };
    });
  }
  return { processors, targets };
}

function made(processor: Processor): Processor {
  const missing = (['process', 'collate', 'shape'] as const).find((own) => typeof processor?.[own] !== 'function');
  if (missing === undefined) return processor;
  const received = `${describeValue(processor)}, without ${missing}()`;
  throw new PartError({ where: 'processor, create()', expected: 'a processor', received });
}
