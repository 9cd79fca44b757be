import { fileURLToPath } from 'node:url';
import { alternate } from './alternate';
import { bundle } from './bundle';
import { Contender, type Program } from './contender';
import { type Figures, ratio } from './figures';
import { describeMachine } from './machine';

type Name = 'ours' | 'pytorch';

/** A piece of work that ours and PyTorch's program do in turns, each in a process of its own. */
export interface Comparison<Result, Side extends Figures> {
  readonly work: string;
  /** The programs. */
  readonly ours: URL;
  readonly pytorch: URL;
  /** What both read. */
  readonly folder: string;
  readonly peers: readonly string[];
  /** How PyTorch and what it takes are installed. */
  readonly install: string;
  /** How often each works in a turn, and how many turns there are, one kind after the other. */
  readonly turns: readonly { readonly times: number; readonly rounds: number }[];
  /** What it all came to, from the results of every round. */
  figures(results: readonly Result[], peakRssBytes: number): Side;
}

/** What the two came to. */
export interface Compared<Side> {
  readonly ours: Side;
  /** Null where it is not asked for, or not installed. */
  readonly pytorch: Side | null;
  readonly timeRatio: number | null;
  readonly memoryRatio: number | null;
  readonly missing?: { readonly pytorch: string };
}

/** Threads of PyTorch, which ours take too. */
const threads = process.env.OMP_NUM_THREADS ?? String(describeMachine().cores);

export async function besidePyTorch<Result, Side extends Figures>(
  comparison: Comparison<Result, Side>,
): Promise<Compared<Side>> {
  const { work, folder, peers, install, turns, figures } = comparison;
  const programs: Record<Name, Program> = {
    ours: { command: process.execPath, args: [await bundle(comparison.ours, work), folder] },
    pytorch: {
      command: process.env.PYTHON ?? 'python3',
      args: [fileURLToPath(comparison.pytorch), folder, threads],
    },
  };
  const contenders = await Contender.startAll<Result, Name>(programs, ['ours', ...peers] as Name[]);
  const results: Record<Name, Result[]> = { ours: [], pytorch: [] };
  for (const { times, rounds } of turns) {
    const all = Object.entries(contenders).map(([name, contender]) => [name, { contender, times }]);
    const made = await alternate<Result, Name>(Object.fromEntries(all), rounds);
    for (const name of Object.keys(made) as Name[]) results[name].push(...made[name]!);
  }
  const side = async (name: Name) =>
    contenders[name] ? figures(results[name], await contenders[name].finish()) : null;
  const [ours, pytorch] = [(await side('ours'))!, await side('pytorch')];
  return {
    ours,
    pytorch,
    timeRatio: ratio(ours, pytorch, 'ms'),
    memoryRatio: ratio(ours, pytorch, 'peakRssBytes'),
    ...(pytorch === null && peers.length > 0 && { missing: { pytorch: `not installed: ${install}` } }),
  };
}

/** A line for people. @param inWords what there is to say of a side */
export function describeSides<Side>(
  { ours, pytorch, missing }: Compared<Side>,
  inWords: (side: Side) => string,
): string {
  const peer = pytorch === null ? (missing?.pytorch ?? 'not asked for') : inWords(pytorch);
  return `ours ${inWords(ours)}; pytorch ${peer}`;
}
