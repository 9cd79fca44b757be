import { ConfigError } from '@polymodal/core';

/** Nobody has more shards. */
const mostPaths = 100_000;

/**
 * The paths that braces stand for, as shells and WebDataset write shards: `shard-{000..002}.tar` is three, `{train,test}.csv` two.
 *
 * @throws ConfigError for very many
 */
export function bracesOf(path: string): string[] {
  const [, before, inner, after] = /^(.*?)\{([^{}]*)\}(.*)$/s.exec(path) ?? [];
  const choices = inner === undefined ? undefined : choicesOf(inner);
  if (choices === undefined) return [path];
  const paths = bracesOf(after).flatMap((rest) => choices.map((choice) => ({ choice, rest })));
  if (paths.length > mostPaths) {
    throw new ConfigError({
      where: path,
      expected: `braces for at most ${mostPaths} files`,
      received: `${paths.length}`,
    });
  }
  return choices.flatMap((choice) => bracesOf(after).map((rest) => `${before}${choice}${rest}`));
}

function choicesOf(inner: string): readonly string[] | undefined {
  const [, from, to] = /^(\d+)\.\.(\d+)$/.exec(inner) ?? [];
  if (from === undefined) return inner.includes(',') ? inner.split(',') : undefined;
  const [first, last] = [Number(from), Number(to)];
  if (last < first || last - first >= mostPaths) return undefined;
  return Array.from({ length: last - first + 1 }, (_, step) => String(first + step).padStart(from.length, '0'));
}
