import { parseArgs } from 'node:util';

/** Options that every bench has. */
export interface BenchOptions<Peer extends string = string> {
  readonly configs: readonly string[];
  readonly peers: readonly Peer[];
  readonly rounds: number;
  /** Whether a small run will do, of a bench that has one. */
  readonly quick?: boolean;
}

/**
 * Reads `--configs`, `--peers` (lists with commas), `--rounds` and, where there is such, `--quick` from the command line.
 *
 * @param all  what there is, which is also what is measured by default
 * @param kind what the first option is called instead
 * @throws RangeError for an unknown name
 */
export function parseBenchOptions<Peer extends string>(
  all: BenchOptions<Peer>,
  kind: 'configs' | 'cases' = 'configs',
): BenchOptions<Peer> {
  const { values } = parseArgs({
    args: process.argv.slice(2).filter((argument) => argument !== '--'),
    options: {
      [kind]: { type: 'string' },
      peers: { type: 'string' },
      rounds: { type: 'string' },
      quick: { type: 'boolean' },
    },
  });
  if (values.quick && all.quick === undefined) throw new RangeError('This bench has no --quick.');
  const rounds = values.rounds === undefined ? all.rounds : Number(values.rounds);
  if (!(Number.isInteger(rounds) && rounds > 0))
    throw new RangeError(`--rounds is a number of rounds, not ${values.rounds}`);
  return {
    configs: chosen(kind, values[kind] as string | undefined, all.configs),
    peers: chosen('peers', values.peers, all.peers),
    rounds,
    ...(all.quick !== undefined && { quick: values.quick === true }),
  };
}

function chosen<Name extends string>(option: string, list: string | undefined, all: readonly Name[]): readonly Name[] {
  if (list === undefined) return all;
  return list
    .split(',')
    .filter((name) => name !== '')
    .map((name) => {
      const known = all.find((own) => own === name);
      if (known === undefined) throw new RangeError(`--${option} takes ${all.join(', ')}, not ${name}`);
      return known;
    });
}
