import type { SourceBatch, SourcePositions, StageBatches } from '../data/stage-batches';

/** The batches of one step, and what was made of each. */
export interface AssembledStep<Assembled> {
  readonly batches: readonly SourceBatch[];
  readonly assembled: readonly Assembled[];
}

/** What a {@link StepsAhead} goes by. */
export interface StepsAheadOptions<Assembled> {
  /** Where the sources of the stage stand. */
  readonly from: SourcePositions;
  /** Steps that the stage has left. */
  readonly steps: number;
  /** Batches to a step. */
  readonly accumulate: number;
  /** Steps that are assembled before their turn: so much memory is held, and no more. */
  readonly depth: number;
  assemble(batch: SourceBatch): Promise<Assembled>;
}

/** The steps of a stage that are to come, over the ends of epochs too, the next few of which are assembled while one is computed. */
export class StepsAhead<Assembled> {
  readonly #plans: Iterator<readonly SourceBatch[], undefined>;
  readonly #ahead: { readonly batches: readonly SourceBatch[]; readonly assembled: Promise<readonly Assembled[]> }[] =
    [];
  readonly #options: StepsAheadOptions<Assembled>;

  constructor(batches: StageBatches, options: StepsAheadOptions<Assembled>) {
    this.#plans = plansOf(batches, options);
    this.#options = options;
  }

  /** The next step. @throws what assembling it threw */
  async next(): Promise<AssembledStep<Assembled>> {
    this.#fill(1);
    const { batches, assembled } = this.#ahead.shift()!;
    const made = await assembled;
    this.#fill(this.#options.depth);
    return { batches, assembled: made };
  }

  #fill(count: number): void {
    while (this.#ahead.length < count) {
      const { value: batches, done } = this.#plans.next();
      if (done) return;
      const assembled = Promise.all(batches.map(this.#options.assemble));
      assembled.catch(() => {}); // thrown when its turn comes
      this.#ahead.push({ batches, assembled });
    }
  }
}

/** The batches of each step. */
function* plansOf<Assembled>(
  batches: StageBatches,
  { from, steps, accumulate }: StepsAheadOptions<Assembled>,
): Generator<readonly SourceBatch[], undefined, undefined> {
  let left = steps;
  for (let at = from; left > 0; at = batches.afterEpoch(at)) {
    const rest = batches.rest(at);
    for (let start = 0; start < rest.length && left > 0; start += accumulate, left--) {
      yield rest.slice(start, start + accumulate);
    }
  }
}
