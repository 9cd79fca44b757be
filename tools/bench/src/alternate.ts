import { setTimeout as sleep } from 'node:timers/promises';
import type { Contender } from './contender';

/** A contender and how much it does. */
export interface Turn<Result> {
  readonly contender: Contender<Result>;
  /** How often it works in a round. */
  readonly times: number;
}

/**
 * Lets contenders take turns, round by round, so that a machine which slows down or speeds up does so for all of them.
 *
 * @returns the results of each contender, one a round
 */
export async function alternate<Result, Name extends string>(
  turns: Readonly<Partial<Record<Name, Turn<Result>>>>,
  rounds: number,
): Promise<Partial<Record<Name, Result[]>>> {
  const results: Partial<Record<Name, Result[]>> = {};
  for (let round = 0; round < rounds; round++) {
    for (const [name, turn] of Object.entries(turns) as [Name, Turn<Result>][]) {
      await sleep(settlingMs);
      results[name] = [...(results[name] ?? []), await turn.contender.run(turn.times)];
    }
  }
  return results;
}

/** Threads of the one before go on spinning for a moment in the hope of more work. */
const settlingMs = 200;
