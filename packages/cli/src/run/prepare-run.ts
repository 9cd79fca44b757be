import { type Augmentations, type BackendName, type Model, type Registry, useBackend } from '@polymodal/core';
import { printable } from '../command/printable';
import { augmentationsOf } from '../config/augmentations-of';
import { checkModel } from '../config/check-model';
import { composedModel } from '../config/composed-model';
import type { ConfigFile } from '../config/config-file';
import { registryOf } from '../config/registry-of';
import { leftOut } from '../data/left-out';
import { type DataParts, openParts } from '../data/open-parts';
import { requireBound } from '../data/require-bound';
import { weightedParts } from '../data/weighted-parts';
import type { Surroundings } from '../surroundings';

/** A config, with all that it names opened and made. */
export interface PreparedRun {
  readonly config: ConfigFile;
  readonly registry: Registry;
  readonly model: Model;
  readonly data: DataParts;
  /** How often each sample of the part `train` comes, where the config says it. */
  readonly weights?: Float64Array;
  /** What is changed at random in training. */
  readonly augment: Augmentations;
  readonly signal: AbortSignal;
}

/**
 * Makes the model of a config and opens its data. What is wrong with either is said before anything is learned: what is found out in a
 * moment comes first.
 */
export async function prepareRun(
  config: ConfigFile,
  surroundings: Surroundings,
  backend?: BackendName,
): Promise<PreparedRun> {
  const { project } = config;
  const signal = await surroundings.interruption();
  const registry = await config.within('', () => registryOf(config, surroundings));
  checkModel(config, registry);
  const augment = augmentationsOf(config, registry);
  requireBound(config);
  const opened = await openParts(config, surroundings, signal);
  surroundings.messages.write(`${printable(describeParts(opened))}\n`);
  const { data, weights, remark } = await weightedParts(config, opened);
  if (remark !== '') surroundings.messages.write(`${printable(remark)}\n`);
  const choice = await useBackend(backend ?? project.backend);
  surroundings.messages.write(`Backend: ${choice}\n`);
  signal.throwIfAborted();
  const model = await composedModel(config, registry);
  return { config, registry, model, data, ...(weights && { weights }), augment, signal };
}

function describeParts({ parts, faults, unused }: DataParts): string {
  const sizes = Object.entries(parts).map(([name, { length }]) => `${length} ${name}`);
  const others = Object.entries(unused).map(([name, length]) => `${length} "${name}"`);
  const beside = others.length > 0 ? ` In no part that is used: ${others.join(', ')}.` : '';
  const count = faults.reduce((sum, own) => sum + own.count, 0);
  const good = [...Object.values(parts).map(({ length }) => length), ...Object.values(unused)];
  const all = good.reduce((sum, length) => sum + length, count);
  const left = leftOut({ count, first: faults.flatMap(({ first }) => first) }, all);
  return [`Samples: ${sizes.join(', ')}.${beside}`, left].filter(Boolean).join('\n');
}
