import { describeValue } from './describe-value';
import { ConfigError, UnknownNameError } from './errors';
import { type FusedPart, fusedParts } from './fused-part';
import type { Encoders, Fusion } from './fusion';
import type { Head } from './head';
import { suggestNames } from './nearest-names';
import { parseConfig } from './parse-config';
import type { FusionDefinition } from './plugin';
import type { Registry } from './registry';
import { describeRequirements, fulfils, type Requirements } from './requirements';

/** The parts of a model that have to fit one another. */
export interface FittingParts {
  readonly hiddenSize: number;
  readonly encoders: Encoders;
  readonly fusion: Fusion;
  /** As the config calls it. */
  readonly fusionName: string;
  readonly heads: Readonly<Record<string, Head>>;
  /** What feeds each. */
  readonly headInputs: Readonly<Record<string, string>>;
  /** What the config requires for some. */
  readonly headRequirements: Readonly<Record<string, Requirements>>;
}

/**
 * Makes sure that fusion and heads require slots that the model has, and that the fusion offers what the heads read.
 *
 * @throws UnknownNameError for a slot that the model lacks
 * @throws ConfigError for a head that reads what the fusion does not offer, with the fusions that do, for one that is fed by what learns
 *   from a view of its own, and for one that no sample can have what it requires for
 */
export function checkFit(registry: Registry, parts: FittingParts): void {
  const slots = Object.keys(parts.encoders);
  checkSlots(parts.fusion.requires, slots, 'fusion');
  for (const [name, head] of Object.entries(parts.heads)) {
    checkSlots(head.requires, slots, `heads.${name}`);
    checkSlots(parts.headRequirements[name] ?? {}, slots, `heads.${name}.requires`);
    const missing = head.reads.find((part) => !parts.fusion.offers.includes(part));
    if (missing !== undefined) throw misfit(registry, parts, name, missing);
    checkInput(parts, name);
    checkReach(parts, name);
  }
}

/** Of samples that have none of what is excluded, those with all else meet most requirements: if they do not, none does. */
function checkReach(parts: FittingParts, name: string): void {
  const { heads, headInputs, headRequirements, fusion } = parts;
  const required = [fusion.requires];
  for (let own = name; own !== 'fused'; own = headInputs[own]) {
    required.push(heads[own].requires, headRequirements[own] ?? {});
  }
  const excluded = required.flatMap(({ none = [] }) => none);
  const widest = Object.keys(parts.encoders).filter((slot) => !excluded.includes(slot));
  if (widest.length > 0 && required.every((one) => fulfils(one, widest))) return;
  const all = required.map(describeRequirements).filter((one) => one !== 'nothing');
  throw new ConfigError({
    where: `heads.${name}.requires`,
    expected: 'what some sample can have, with what feeds the head and the fusion require',
    received: [...new Set(all)].join('; '),
  });
}

function checkInput({ heads, headInputs }: FittingParts, name: string): void {
  const input = headInputs[name];
  if (!heads[input]?.view) return;
  throw new ConfigError({
    where: `heads.${name}.input`,
    expected: 'a head that learns from the batch as it is',
    received: `"${input}", which learns from a view of its own: values that are hidden in part, or other pairs`,
  });
}

function checkSlots(
  { all = [], any = [], none = [], count = 0 }: Requirements,
  slots: readonly string[],
  where: string,
): void {
  const unknown = [...all, ...any, ...none].find((slot) => !slots.includes(slot));
  if (unknown !== undefined) {
    throw new UnknownNameError({
      where,
      expected: `a model with the encoder slot ${describeValue(unknown)}, which it ${none.includes(unknown) ? 'excludes' : 'requires'}`,
      received: `one with ${slots.join(', ')}`,
      hint: suggestNames(unknown, slots),
    });
  }
  if (count <= slots.length) return;
  throw new ConfigError({
    where,
    expected: `a model with at least ${count} encoder slots, which it requires`,
    received: `one with ${slots.join(', ')}`,
  });
}

function misfit(registry: Registry, parts: FittingParts, head: string, part: FusedPart): ConfigError {
  const offers = parts.fusion.offers.map((own) => `"${own}"`).join(', ');
  return new ConfigError({
    where: `heads.${head}`,
    expected: `a fusion that offers "${part}", which the head reads`,
    received: `fusion "${parts.fusionName}", which offers ${offers || 'nothing of that kind'}`,
    hint: fusedParts.includes(part) ? suggestFusions(registry, parts, part) : suggestNames(part, fusedParts),
  });
}

/** The registered fusions that offer a part over the same encoders, as far as their default options tell. */
function suggestFusions(registry: Registry, parts: FittingParts, part: FusedPart): string {
  const fitting = registry.names.fusions.filter((name) => offersOf(registry.fusion(name), parts).includes(part));
  if (fitting.length === 0) return 'None of the registered fusions does: add the plugin of one, or leave the head out.';
  return `Of the registered fusions, these do: ${fitting.join(', ')}.`;
}

function offersOf(definition: FusionDefinition, { hiddenSize, encoders }: FittingParts): readonly FusedPart[] {
  try {
    return definition.create(parseConfig(definition.config, {}, ''), { hiddenSize, encoders }).offers;
  } catch {
    return []; // it has options without a default, or wants other encoders
  }
}
