import { alternate, type Turn } from '../alternate';
import { Contender, type Program } from '../contender';
import { type Figures, inWords } from '../figures';
import { median } from '../median';
import type { CallsResult } from './serve-calls';

/** Figures of a contender that starts cold in every round. */
export interface ColdFigures extends Figures {
  /** From the start of its process until it has its first result, weights read. */
  readonly firstResultMs: number;
}

/** How much of a case is measured. */
export interface CallCounts {
  readonly warmUpCalls: number;
  readonly callsPerTurn: number;
}

/** What a contender did in some rounds. */
export interface ColdRounds {
  readonly figures: ColdFigures;
  /** File with its output. */
  readonly output: string;
}

/** Turns that contenders take for each cold start: short ones, so that what slows the machine down slows all down. */
const turnsPerRound = 3;

/**
 * Starts contenders cold, one after the other, round by round; then lets those of the last round take turns.
 *
 * @returns the medians over the rounds, or turns; nothing for a contender that is not installed
 */
export async function measureCold<Name extends string>(
  programs: Readonly<Partial<Record<Name, Program>>>,
  { warmUpCalls, callsPerTurn }: CallCounts,
  rounds: number,
): Promise<Partial<Record<Name, ColdRounds>>> {
  const { contenders, firstResults } = await startCold(programs, rounds);
  const turns = (times: number) => mapped(contenders, (contender): Turn<CallsResult> => ({ contender, times }));
  if (warmUpCalls > 0) await alternate(turns(warmUpCalls), 1);
  const results = await alternate(turns(callsPerTurn), rounds * turnsPerRound);
  const measured: Partial<Record<Name, ColdRounds>> = {};
  for (const [name, contender] of Object.entries(contenders) as [Name, Contender<CallsResult>][]) {
    const own = results[name]!;
    const figures = {
      ms: median(own.map(({ ms }) => median(ms))),
      firstResultMs: median(firstResults[name]!),
      peakRssBytes: await contender.finish(),
    };
    measured[name] = { figures, output: own.at(-1)!.output };
  }
  return measured;
}

/** Those that are installed, as they are after the last round, and when they had their first results. */
async function startCold<Name extends string>(programs: Readonly<Partial<Record<Name, Program>>>, rounds: number) {
  const contenders: Partial<Record<Name, Contender<CallsResult>>> = {};
  const firstResults: Partial<Record<Name, number[]>> = {};
  for (let round = 0; round < rounds; round++) {
    for (const [name, program] of Object.entries(programs) as [Name, Program][]) {
      if (round > 0 && firstResults[name] === undefined) continue;
      const contender = await Contender.start<CallsResult>(program);
      if (contender === null) continue;
      firstResults[name] = [...(firstResults[name] ?? []), contender.startMs];
      if (round < rounds - 1) await contender.finish();
      else contenders[name] = contender;
    }
  }
  return { contenders, firstResults };
}

function mapped<Name extends string, From, To>(
  values: Readonly<Partial<Record<Name, From>>>,
  map: (value: From) => To,
): Partial<Record<Name, To>> {
  const entries = (Object.entries(values) as [Name, From][]).map(([name, value]) => [name, map(value)]);
  return Object.fromEntries(entries) as Partial<Record<Name, To>>;
}

/** For people. */
export function coldInWords(figures: ColdFigures): string {
  return `${inWords(figures)}, first result after ${(figures.firstResultMs / 1000).toFixed(2)} s`;
}
