import type { SizedGraphs } from '../export/trace-at-sizes';
import { arithmeticOperations, singleThreadOperations } from '../program-cost';
import type { Session } from '../session';

/**
 * A compiled graph on one thread, for sizes at which it has little to do, and on all, for others: a program whose sizes vary
 * may answer one row now and hundreds then. Each is made when it is first needed.
 */
export class SessionByWork {
  /** By whether it has a single thread. */
  readonly #sessions = new Map<boolean, Session>();
  readonly #operations: number;

  readonly #traced: SizedGraphs;
  readonly #create: (singleThread: boolean) => Session;

  constructor(traced: SizedGraphs, create: (singleThread: boolean) => Session) {
    this.#traced = traced;
    this.#create = create;
    this.#operations = arithmeticOperations(traced.graphs[0]!.nodes);
  }

  /** @param sizes of the named axes */
  at(sizes: Readonly<Record<string, number>>): Session {
    const single = this.#operationsAt(sizes) < singleThreadOperations;
    const made = this.#sessions.get(single) ?? this.#create(single);
    this.#sessions.set(single, made);
    return made;
  }

  dispose(): void {
    for (const session of this.#sessions.values()) session.dispose();
  }

  /** Most of the work grows with each size: rows, tokens. */
  #operationsAt(sizes: Readonly<Record<string, number>>): number {
    const { names, sizes: traced } = this.#traced.grid;
    return names.reduce((operations, name, i) => (operations * sizes[name]!) / traced[i]![0], this.#operations);
  }
}
