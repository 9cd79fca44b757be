import { z } from 'zod';
import { describeValue } from '../describe-value';
import { ConfigError } from '../errors';
import type { Head } from '../head';
import type { HeadTree } from '../head-tree';
import { parseConfig } from '../parse-config';
import type { HeadOptions } from './head-answers';

/** The heads that are asked, and what of each. */
export interface AskedHeads {
  /** `undefined` where every head that can run is meant. */
  readonly names: readonly string[] | undefined;
  /** Options of some heads, with defaults where nothing was asked. */
  optionsOf(names: readonly string[]): HeadOptions;
}

const list = z.array(z.string()).min(1);
const record = z.record(z.string(), z.looseObject({}));

/**
 * Reads the option `heads`: a list of names, or an object with options for each.
 *
 * @param caller the method that was given it, as error messages name it
 * @throws UnknownNameError for a head that the model does not have
 * @throws ConfigError for an option that the head does not know, or of the wrong kind
 */
export function parseHeadOptions(tree: HeadTree, heads: unknown, caller: string): AskedHeads {
  const where = `${caller}.heads`;
  const parsed = (name: string, options: unknown) => parseOptions(tree.heads[name], options, `${where}.${name}`);
  const given = heads === undefined ? {} : checked(heads, where);
  tree.checkNames(Object.keys(given));
  const options: Record<string, HeadOptions[string]> = Object.fromEntries(
    Object.entries(given).map(([name, asked]) => [name, parsed(name, asked)]),
  );
  const optionsOf = (name: string) => {
    options[name] ??= parsed(name, {});
    return options[name];
  };
  return {
    names: heads === undefined ? undefined : Object.keys(given),
    optionsOf: (names) => Object.fromEntries(names.map((name) => [name, optionsOf(name)])),
  };
}

/** Options by head, `{}` where only its name was given. */
function checked(heads: unknown, where: string): Readonly<Record<string, unknown>> {
  if (Array.isArray(heads)) return Object.fromEntries(parseConfig(list, heads, where).map((name) => [name, {}]));
  if (typeof heads === 'object' && heads !== null && Object.keys(heads).length > 0) {
    return parseConfig(record, heads, where);
  }
  throw new ConfigError({
    where,
    expected: 'a list of heads, or an object with options for each',
    received: describeValue(heads),
  });
}

/**
 * What is asked of one head.
 *
 * @param where how error messages call it
 * @throws ConfigError
 */
export function parseOptions(head: Head, options: unknown, where: string): HeadOptions[string] {
  return parseConfig(strictly(head.predictOptions), options, where);
}

/** Made once of each, since zod compiles a schema at its first use. */
const strictSchemas = new WeakMap<z.ZodObject, z.ZodObject>();

function strictly(schema: z.ZodObject): z.ZodObject {
  const known = strictSchemas.get(schema) ?? z.strictObject({ ...schema.shape });
  strictSchemas.set(schema, known);
  return known;
}
