import {
  type Augmentation,
  type Augmentations,
  ConfigError,
  changesValues,
  describeValue,
  isRecord,
  type Model,
  mixesBatches,
  processorOfOne,
  suggestNames,
  UnknownNameError,
} from '@polymodal/core';
import type { ParsedTrainOptions } from '../train-options';
import { type Augment, slotAugmentations } from './augment';
import type { FeatureStore } from './feature-store';
import { isTarget } from './sample-shape';

/**
 * Makes sure that augmentations fit the slots of a model, before any data are read.
 *
 * @throws UnknownNameError for a slot that the model does not have
 * @throws ConfigError for what is no augmentation, one of another modality, and one that the slot's processor has no use for
 */
export function requireAugmentations(model: Model, augment: Augment | undefined): void {
  for (const [slot, list] of slotsOf(augment)) {
    const where = `train.augment.${slot}`;
    if (!model.modalities.includes(slot)) {
      const hint = suggestNames(slot, model.modalities);
      throw new UnknownNameError({ where, expected: 'the name of a slot of the model', received: `"${slot}"`, hint });
    }
    if (!Array.isArray(list)) {
      throw new ConfigError({ where, expected: 'a list of augmentations', received: describeValue(list) });
    }
    for (const [index, own] of list.entries()) requireFitting(model, slot, own, `${where}.${index}`);
  }
}

/**
 * Rows are mixed where samples have nothing but the slot. Where none ever has, nobody would be told that nothing is mixed.
 *
 * @throws ConfigError
 */
export function requireMixing({ augment, stages }: ParsedTrainOptions, stores: readonly FeatureStore[]): void {
  const drops = stages.some(({ settings: { modalityDropout: own } }) =>
    typeof own === 'number' ? own > 0 : Object.values(own).some((probability) => probability > 0),
  );
  if (drops) return;
  for (const [slot, list] of slotsOf(augment)) {
    const mixing = list.find(mixesBatches);
    const isAlone = (shape: object) =>
      slot in shape && Object.keys(shape).every((own) => own === slot || isTarget(own));
    if (!mixing || stores.some(({ shapes }) => shapes.some(isAlone))) continue;
    throw new ConfigError({
      where: `train.augment.${slot}`,
      expected: `samples that have nothing but "${slot}", since only those are mixed by ${mixing.use}`,
      received: 'none',
      hint: `Leave ${mixing.use} out, or let modalityDropout take the others now and then.`,
    });
  }
}

function slotsOf(augment: Augment | undefined): [string, Augmentations[string]][] {
  return Object.entries(slotAugmentations(augment) ?? {});
}

function requireFitting(model: Model, slot: string, augmentation: Augmentation, where: string): void {
  if (!isAugmentation(augmentation)) {
    throw new ConfigError({
      where,
      expected: 'an augmentation, as what defineAugmentation returned makes it: flip() say',
      received: describeValue(augmentation),
      ...(typeof augmentation === 'function' && { hint: 'Call it: it takes options, or none.' }),
    });
  }
  const { use, modality } = augmentation;
  const taken = model.modalityOf(slot);
  if (taken !== undefined && taken !== modality) {
    throw new ConfigError({
      where,
      expected: `an augmentation of the modality "${taken}", which the slot takes`,
      received: `"${use}", which is one of "${modality}"`,
    });
  }
  const processor = model.processors[slot];
  if (changesValues(augmentation) && !processorOfOne(processor).read) {
    throw new ConfigError({
      where,
      expected: `a slot whose processor has read(), so that ${use} can change its values`,
      received: `"${slot}", whose processor has not`,
    });
  }
  if (mixesBatches(augmentation)) requireMixable(model, slot, use, where);
}

function isAugmentation(value: unknown): boolean {
  const has = (name: string) => typeof (value as Record<string, unknown>)[name] === 'function';
  return isRecord(value) && typeof value.use === 'string' && ['changeValue', 'changeFeatures', 'mix'].some(has);
}

/** What is written or produced step by step cannot be that of two samples at once. */
function requireMixable({ processors, heads }: Model, slot: string, use: string, where: string): void {
  const writing = Object.keys(heads).find((name) => heads[name].produce);
  if (writing !== undefined) {
    throw new ConfigError({
      where,
      expected: `heads that learn from scores alone, so that ${use} can mix their losses`,
      received: `"${writing}", which writes its answers`,
    });
  }
  const pointing = Object.keys(heads).find((name) => !heads[name].learnsMixed);
  if (pointing !== undefined) {
    throw new ConfigError({
      where,
      expected: `heads that can learn of mixed values, so that ${use} can mix their losses`,
      received: `"${pointing}", which points into a value`,
    });
  }
  if (processorOfOne(processors[slot]) === processors[slot]) return;
  throw new ConfigError({
    where,
    expected: `a slot of one value a sample that is not shared, since ${use} mixes rows`,
    received: `"${slot}", which says \`several\` or \`shared\``,
  });
}
