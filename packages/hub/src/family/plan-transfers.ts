import { ConfigError, Module, ownParameters, type Parameter, requireArgument } from '@polymodal/core';
import type { KeyMap, KeyMapEntry } from './key-map';
import { type Binding, NamePattern } from './name-pattern';

/** One tensor of a checkpoint, and the parameters that share its values. */
export interface Transfer {
  readonly theirs: string;
  readonly formerly: readonly string[];
  /** In the order in which theirs holds them. */
  readonly ours: readonly { readonly path: string; readonly parameter: Parameter }[];
  readonly transpose: boolean;
  /** Theirs has these rows of the one that there is of ours, and the transfers behind it the others. */
  readonly rows: readonly [begin: number, end: number] | undefined;
  /** Of theirs. */
  readonly shape: readonly number[];
  readonly dtype: 'I64' | undefined;
  readonly derived: readonly PlannedDerivedTensor[];
}

/** A tensor of integers that is saved with another. */
interface PlannedDerivedTensor {
  readonly theirs: string;
  readonly values: () => { readonly shape: readonly number[]; readonly data: Int32Array };
}

/**
 * Settles for every parameter of a module which tensor it is. Those of adapters have none in a checkpoint.
 *
 * @throws ConfigError for a map that leaves a parameter out, names it twice, or names a tensor twice
 */
export function planTransfers(module: Module, keyMap: KeyMap): Transfer[] {
  requireArgument(module instanceof Module, 'module', 'a module', module);
  requireArgument(Array.isArray(keyMap?.entries), 'keyMap', 'an object with entries', keyMap);
  const { entries } = keyMap;
  const parameters = ownParameters(module);
  const planned = entries.flatMap((entry) => transfersOf(entry, parameters));
  const beginning = planned.filter(({ rows }) => !rows || rows[0] === 0);
  const paths = beginning.flatMap(({ ours }) => ours.map(({ path }) => path));
  const named = new Set(paths);
  check(
    'every parameter',
    'no entry for',
    [...parameters.keys()].filter((path) => !named.has(path)),
  );
  check('one entry for each parameter', 'several for', repeated(paths));
  check('entries for all rows of a parameter, one behind the other', 'others for', withGaps(planned));
  check('one entry for each tensor', 'several for', repeated(planned.map(({ theirs }) => theirs)));
  return planned;
}

function transfersOf(entry: KeyMapEntry, parameters: ReadonlyMap<string, Parameter>): Transfer[] {
  const ours = [entry.ours].flat().map((pattern) => new NamePattern(pattern));
  return [...parameters.keys()].flatMap((path) => {
    const binding = ours[0].match(path);
    return binding ? [transferOf(entry, ours, binding, parameters)] : [];
  });
}

function transferOf(
  entry: KeyMapEntry,
  patterns: readonly NamePattern[],
  binding: Binding,
  parameters: ReadonlyMap<string, Parameter>,
): Transfer {
  const paths = patterns.map((pattern) => pattern.fill(binding));
  check(
    'parameters that stand in one tensor',
    'no parameter',
    paths.filter((path) => !parameters.has(path)),
  );
  const ours = paths.map((path) => ({ path, parameter: parameters.get(path)! }));
  const [, ...rest] = ours[0].parameter.shape;
  const joined =
    ours.length > 1 ? [ours.reduce((sum, { parameter }) => sum + parameter.shape[0], 0), ...rest] : undefined;
  const part = entry.rows && [entry.rows[1] - entry.rows[0], ...rest];
  const shape = joined ?? part ?? ours[0].parameter.shape;
  const { derived = [] } = entry;
  const transposed = entry.transpose ? [...shape].reverse() : shape;
  return {
    theirs: new NamePattern(entry.theirs).fill(binding),
    formerly: [entry.formerly ?? []].flat().map((name) => new NamePattern(name).fill(binding)),
    ours,
    transpose: entry.transpose ?? false,
    rows: entry.rows,
    shape: entry.shape ? entry.shape(transposed) : transposed,
    dtype: entry.dtype,
    derived: derived.map(({ theirs, values }) => ({
      theirs: new NamePattern(theirs).fill(binding),
      values: () => values(ours[0].parameter.shape),
    })),
  };
}

/** The parameters whose parts do not follow each other to the last row. */
function withGaps(planned: readonly Transfer[]): string[] {
  const reached = new Map<string, number>();
  const gaps: string[] = [];
  for (const { ours, rows } of planned) {
    if (!rows) continue;
    const [{ path }] = ours;
    if (rows[0] !== (reached.get(path) ?? 0)) gaps.push(path);
    reached.set(path, rows[1]);
  }
  const whole = new Map(planned.flatMap(({ ours }) => ours.map(({ path, parameter }) => [path, parameter.shape[0]])));
  return [...gaps, ...[...reached].flatMap(([path, end]) => (end === whole.get(path) ? [] : [path]))];
}

function repeated(names: readonly string[]): string[] {
  return [...new Set(names.filter((name, index) => names.indexOf(name) !== index))];
}

function check(expected: string, received: string, names: readonly string[]): void {
  if (names.length === 0) return;
  throw new ConfigError({ where: 'key map', expected, received: `${received} ${names.join(', ')}` });
}
