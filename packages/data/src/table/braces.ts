import { ConfigError } from '@polymodal/core';

/** Nobody has more shards. */
const mostPaths = 100_000;

/**
 * The paths that braces stand for, as shells and WebDataset write shards: `shard-{000..002}.tar` is three, `{train,test}.csv` two. Other braces
 * are letters of the name.
 *
 * @throws ConfigError for very many, before any is made
 */
export function bracesOf(path: string): string[] {
  const parts = path.split(/(\{[^{}]*\})/).map(partOf);
  const count = parts.reduce((product, part) => product * part.count, 1);
  if (count > mostPaths) {
    throw new ConfigError({
      where: path.slice(0, 200),
      expected: `braces for at most ${mostPaths} files`,
      received: `${count}`,
    });
  }
  return parts.reduce<string[]>(
    (paths, { choices }) => {
      const own = choices();
      return paths.flatMap((before) => own.map((choice) => before + choice));
    },
    [''],
  );
}

/** What may stand at one place of a path. */
interface BracePart {
  readonly count: number;
  choices(): readonly string[];
}

function partOf(text: string): BracePart {
  const [, inner] = /^\{(.*)\}$/s.exec(text) ?? [];
  const [, from, to] = /^(\d+)\.\.(\d+)$/.exec(inner ?? '') ?? [];
  const count = Number(to) - Number(from) + 1;
  if (count >= 1) {
    const choice = (step: number) => String(Number(from) + step).padStart(from.length, '0');
    return { count, choices: () => Array.from({ length: count }, (_, step) => choice(step)) };
  }
  const choices = inner?.includes(',') ? inner.split(',') : [text];
  return { count: choices.length, choices: () => choices };
}
