import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';

/** Where figures were measured. */
export interface Machine {
  readonly cpu: string;
  /** Cores, which is also the number of threads that every contender computes with. */
  readonly cores: number;
  readonly memoryBytes: number;
  readonly platform: string;
  readonly node: string;
  /** Load of the last minute before the start: figures of a machine that was busy are worth little. */
  readonly loadAverage: number;
}

/** The machine that this runs on, with a warning if it does something else at the moment. */
export function describeMachine(): Machine {
  const loadAverage = loadavg()[0]!;
  if (loadAverage > 1) console.warn(`The load is ${loadAverage}, not below 1: times will say little.`);
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    platform: `${process.platform} ${process.arch}`,
    node: process.version,
    loadAverage,
  };
}
