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
  readonly callsPerRound: number;
}

/** What a contender did in some rounds. */
export interface ColdRounds {
  readonly figures: ColdFigures;
  /** File with its output. */
  readonly output: string;
}

/**
 * Lets contenders start, work and end, one after the other, round by round.
 *
 * @returns the medians over the rounds; nothing for a contender that is not installed
 */
export async function measureCold<Name extends string>(
  programs: Readonly<Partial<Record<Name, Program>>>,
  counts: CallCounts,
  rounds: number,
): Promise<Partial<Record<Name, ColdRounds>>> {
  const measured: Partial<Record<Name, Round[]>> = {};
  for (let round = 0; round < rounds; round++) {
    for (const [name, program] of Object.entries(programs) as [Name, Program][]) {
      if (round > 0 && measured[name] === undefined) continue;
      const result = await measureRound(program, counts);
      if (result !== null) measured[name] = [...(measured[name] ?? []), result];
    }
  }
  return Object.fromEntries(
    (Object.entries(measured) as [Name, Round[]][]).map(([name, own]) => [name, summary(own)]),
  ) as Partial<Record<Name, ColdRounds>>;
}

interface Round extends ColdFigures {
  readonly output: string;
}

async function measureRound(program: Program, { warmUpCalls, callsPerRound }: CallCounts): Promise<Round | null> {
  const contender = await Contender.start<CallsResult>(program);
  if (contender === null) return null;
  if (warmUpCalls > 0) await contender.run(warmUpCalls);
  const { ms, output } = await contender.run(callsPerRound);
  return { ms: median(ms), firstResultMs: contender.startMs, peakRssBytes: await contender.finish(), output };
}

function summary(rounds: readonly Round[]): ColdRounds {
  const of = (figure: keyof ColdFigures) => median(rounds.map((round) => round[figure]));
  const figures = { ms: of('ms'), firstResultMs: of('firstResultMs'), peakRssBytes: of('peakRssBytes') };
  return { figures, output: rounds.at(-1)!.output };
}

/** For people. */
export function coldInWords(figures: ColdFigures): string {
  return `${inWords(figures)}, first result after ${(figures.firstResultMs / 1000).toFixed(2)} s`;
}
