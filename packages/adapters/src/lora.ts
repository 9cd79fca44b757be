import {
  ConfigError,
  defineAdapter,
  type Module,
  matchesPath,
  type Parameter,
  setTrainable,
  suggestNames,
} from '@polymodal/core';
import { Linear } from '@polymodal/nn';
import { z } from 'zod';
import { LoraAdapter } from './lora-adapter';

const options = z.object({
  /**
   * Which linear maps: paths such as `encoders.text.**.query`, in which `*` stands for a name and `**` for any number of them. A name
   * alone, such as `query`, means all maps of that name.
   */
  targets: z.array(z.string().min(1)).min(1).readonly(),
  /** r: how many directions the change of a map has. */
  rank: z.int().positive().default(8),
  /** α: the change is multiplied by α / r. Default: r. */
  alpha: z.number().positive().optional(),
  /** Whether the other parameters of an encoder, a fusion or a head of which a map is adapted stay as they are. */
  freeze: z.boolean().default(true),
});

/** The adapters `lora`: low-rank changes of linear maps, learned beside weights that stay frozen (Hu et al. 2021). */
export const lora = defineAdapter({
  name: 'lora',
  config: options,
  apply({ targets, rank, alpha = rank, freeze }, { model }) {
    const linears = linearMaps(model);
    const chosen = new Set(targets.flatMap((target, index) => linearsAt(target, linears, `targets.${index}`)));
    const frozen = freeze ? freezeParts(model, new Set([...chosen].map(partOf))) : [];
    for (const path of chosen) {
      const linear = linears.get(path)!;
      if (linear.adapter !== undefined) {
        throw new ConfigError({
          where: 'targets',
          expected: 'linear maps without an adapter',
          received: `${path}, which has one`,
          hint: 'Each map has one adapter: let the targets of two entries differ.',
        });
      }
      linear.adapter = new LoraAdapter(linear, { rank, scale: alpha / rank }, frozen);
    }
  },
});

/** @returns the parameters that learned before */
function freezeParts(model: Module, parts: ReadonlySet<string>): Parameter[] {
  const learned = [...model.parameters().values()].filter(({ trainable }) => trainable);
  setTrainable(model, [...parts], false);
  return learned.filter(({ trainable }) => !trainable);
}

function linearMaps(model: Module): Map<string, Linear> {
  const found = new Map<string, Linear>();
  for (const [path, module] of model.modules()) if (module instanceof Linear) found.set(path, module);
  return found;
}

/** @throws ConfigError for a target that fits no linear map: it would adapt nothing */
function linearsAt(target: string, linears: ReadonlyMap<string, Linear>, where: string): string[] {
  const pattern = target.includes('.') ? target : `**.${target}`;
  const paths = [...linears.keys()].filter((path) => matchesPath(pattern, path));
  if (paths.length > 0) return paths;
  throw new ConfigError({
    where,
    expected: 'the path of a linear map, or a pattern that fits some',
    received: `"${target}", which fits none`,
    hint: suggestTargets(target, [...linears.keys()]),
  });
}

/** By the last name, unless some map has it: then what stands before it fits none. */
function suggestTargets(target: string, paths: readonly string[]): string {
  const names = new Set(paths.map(lastName));
  const last = lastName(target);
  return names.has(last) || last.includes('*') ? suggestNames(target, paths) : suggestNames(last, [...names]);
}

function lastName(path: string): string {
  return path.slice(path.lastIndexOf('.') + 1);
}

/** `encoders.text` of `encoders.text.layers.0.attention.query`; the fusion has no name of its own. */
function partOf(path: string): string {
  const [kind, name] = path.split('.');
  return kind === 'fusion' ? kind : `${kind}.${name}`;
}
