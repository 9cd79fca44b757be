import { ConfigError, type Module, matchesPath, type Parameter, setTrainable, suggestNames } from '@polymodal/core';
import { Embedding, type MapAdapter } from '@polymodal/nn';
import type { AdaptedMap } from './adapted-maps';
import { mapsOf } from './adapted-maps';
import type { AdapterOptions } from './adapter-options';
import { MapSite } from './map-site';

/**
 * Puts an adapter on each map of a model that targets say, and has what else there is of the same parts learn nothing.
 *
 * @param make the adapter of a map; @throws ConfigError for a map that it cannot adapt
 */
export function putAdapters(
  { targets, exclude, name, freeze, frozenWeights }: AdapterOptions,
  model: Module,
  make: (site: MapSite, path: string) => MapAdapter,
): void {
  const maps = mapsOf(model);
  const excluded = new Set(exclude.flatMap((target, index) => mapsAt(target, maps, `exclude.${index}`)));
  const found = targets.flatMap((target, index) => mapsAt(target, maps, `targets.${index}`));
  const chosen = [...new Set(found)].filter((path) => !excluded.has(path));
  if (chosen.length === 0) throw nothingLeft(exclude);
  for (const path of chosen) requireRoom(path, maps.get(path)!, name);
  const parts = new Set(chosen.map(partOf));
  const frozen = freeze ? freezeParts(model, parts) : [];
  if (frozenWeights === 'int8' && !freeze) throw learningWeights();
  const rounded = frozenWeights === 'int8' ? weightsOf(maps, parts) : [];
  for (const path of chosen) {
    const site = new MapSite(maps.get(path)!, name, { frozen, rounded });
    site.put(make(site, path));
  }
  for (const weight of rounded) weight.holdIn('int8');
}

/** The weights of linear maps and convolutions: tables of vectors are looked up row by row, and often are a head's, too. */
function weightsOf(maps: ReadonlyMap<string, AdaptedMap>, parts: ReadonlySet<string>): Parameter[] {
  return [...maps].flatMap(([path, map]) =>
    parts.has(partOf(path)) && !(map instanceof Embedding) ? [map.weight] : [],
  );
}

function learningWeights(): ConfigError {
  return new ConfigError({
    where: 'frozenWeights',
    expected: '"float32" where weights learn, too',
    received: '"int8" with freeze: false',
    hint: 'Leave out one of the two.',
  });
}

/** A map has one adapter, or several that are told apart by their names. */
function requireRoom(path: string, { adapter }: AdaptedMap, name: string | undefined): void {
  if (adapter === undefined) return;
  const taken = adapter.constructor === Object ? Object.keys(adapter) : undefined;
  if (name !== undefined && taken && !taken.includes(name)) return;
  throw new ConfigError({
    where: 'targets',
    expected: 'maps without an adapter, or with adapters of other names',
    received: `${path}, which has one${taken ? ` called ${taken.join(', ')}` : ''}`,
    hint: 'Let the targets of two entries differ, or give each a name of its own.',
  });
}

/** @returns the parameters that learned before */
function freezeParts(model: Module, parts: ReadonlySet<string>): Parameter[] {
  const adapters = new Set(
    [...model.parameters()].filter(([path]) => path.includes('.adapter.')).map(([, parameter]) => parameter),
  );
  const learned = [...model.parameters().values()].filter((own) => own.trainable && !adapters.has(own));
  const ofAdapters = [...adapters].filter(({ trainable }) => trainable);
  setTrainable(model, [...parts], false);
  for (const parameter of ofAdapters) parameter.trainable = true; // of entries before this one
  return learned.filter(({ trainable }) => !trainable);
}

/** @throws ConfigError for a target that fits no map: it would adapt nothing */
function mapsAt(target: string, maps: ReadonlyMap<string, AdaptedMap>, where: string): string[] {
  const pattern = target.includes('.') ? target : `**.${target}`;
  const paths = [...maps.keys()].filter((path) => matchesPath(pattern, path));
  if (paths.length > 0) return paths;
  throw new ConfigError({
    where,
    expected: 'the path of a linear map, an embedding or a convolution, or a pattern that fits some',
    received: `"${target}", which fits none`,
    hint: suggestTargets(target, [...maps.keys()]),
  });
}

function nothingLeft(exclude: readonly string[]): ConfigError {
  return new ConfigError({
    where: 'exclude',
    expected: 'patterns that leave something of the targets',
    received: `${exclude.map((target) => `"${target}"`).join(', ')}, which fit all of them`,
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
