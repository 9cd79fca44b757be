import { ConfigError } from '../errors';
import type { Model } from '../model';
import type { UncheckedModelConfig, UncheckedSlot } from '../model-config';
import { parseConfig } from '../parse-config';
import type { FusionDefinition } from '../plugin';
import type { Registry } from '../registry';
import type { SlotRules } from './slot-rules';

type Options = Readonly<Record<string, unknown>>;

/** By which a model's fusion goes on with other slots. @throws ConfigError for one that has none */
export function slotRulesOf(registry: Registry, model: Model, caller: string): SlotRules<Options, Options> {
  const { use } = model.config.fusion;
  const { slots } = registry.fusion(use, 'fusion.use');
  if (slots) return slots;
  throw unable(registry, use, caller, 'a fusion that goes on with other slots', (definition) => !!definition.slots);
}

/** The fusion of a config with options with which one more slot comes in unnoticed. @throws ConfigError where there are none */
export function admitting(registry: Registry, model: Model, slot: string, caller: string): UncheckedSlot {
  const { fusion } = model.config;
  const { admit } = slotRulesOf(registry, model, caller);
  if (admit) return { ...fusion, ...admit(fusionOptions(registry, model.config), slot) };
  throw unable(
    registry,
    fusion.use,
    caller,
    'a fusion into which a modality comes without changing answers',
    ({ slots }) => !!slots?.admit,
  );
}

/** The fusion of a config with options without a slot. @throws ConfigError where answers without the slot depend on it */
export function releasing(registry: Registry, model: Model, slot: string, caller: string): UncheckedSlot {
  const { fusion, encoders } = model.config;
  const others = Object.keys(encoders).filter((other) => other !== slot);
  const rules = slotRulesOf(registry, model, caller);
  return { ...fusion, ...rules.release(fusionOptions(registry, model.config), slot, others) };
}

/** The options of a config's fusion, parsed. */
export function fusionOptions(registry: Registry, { fusion: { use, ...given } }: UncheckedModelConfig): Options {
  return parseConfig(registry.fusion(use, 'fusion.use').config, given, 'fusion');
}

function unable(
  registry: Registry,
  use: string,
  caller: string,
  expected: string,
  isAble: (definition: FusionDefinition) => boolean,
): ConfigError {
  const able = registry.names.fusions.filter((name) => isAble(registry.fusion(name)));
  return new ConfigError({
    where: `${caller}, fusion`,
    expected,
    received: `"${use}", which does not say that it does`,
    hint:
      `Of the registered fusions, these do: ${able.join(', ') || 'none'}. Where answers may change, compose the other model with ` +
      'composeModel, and give it what this one learned with startFrom of @polymodal/trainer.',
  });
}
