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
 * @throws UnknownNameError for a head that the model does not have
 * @throws ConfigError for an option that the head does not know, or of the wrong kind
 */
export function parseHeadOptions(tree: HeadTree, heads: unknown): AskedHeads {
  const given = heads === undefined ? {} : checked(heads);
  tree.checkNames(Object.keys(given));
  const parsed = Object.entries(given).map(([name, options]) => [name, parseOptions(tree.heads[name], options, name)]);
  const options: HeadOptions = Object.fromEntries(parsed);
  return {
    names: heads === undefined ? undefined : Object.keys(given),
    optionsOf: (names) =>
      Object.fromEntries(names.map((name) => [name, options[name] ?? parseOptions(tree.heads[name], {}, name)])),
  };
}

/** Options by head, `{}` where only its name was given. */
function checked(heads: unknown): Readonly<Record<string, unknown>> {
  if (Array.isArray(heads))
    return Object.fromEntries(parseConfig(list, heads, 'predict.heads').map((name) => [name, {}]));
  if (typeof heads === 'object' && heads !== null && Object.keys(heads).length > 0) {
    return parseConfig(record, heads, 'predict.heads');
  }
  throw new ConfigError({
    where: 'predict.heads',
    expected: 'a list of heads, or an object with options for each',
    received: describeValue(heads),
  });
}

/** What is asked of one head. @throws ConfigError */
export function parseOptions(head: Head, options: unknown, name: string): HeadOptions[string] {
  return parseConfig(z.strictObject({ ...head.predictOptions.shape }), options, `predict.heads.${name}`);
}
