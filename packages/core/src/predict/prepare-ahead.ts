/** An item of a stream and what was made of it: a value, or the error that it met. */
export interface Prepared<Input, Output> {
  readonly index: number;
  readonly input: Input;
  readonly made: { readonly output: Output } | { readonly error: unknown };
}

/** The source has nothing more, for the moment or for good: what has come so far is to be worked on. */
export const idle = Symbol('idle');

/**
 * Prepares the items of a source in their order, some at a time, and goes on doing so while what came before is worked on.
 * An item that cannot be prepared comes with its error. Where the source has nothing more for the moment, and at its end, {@link idle} comes.
 *
 * @param atOnce most items that are in preparation, or wait to be taken
 */
export async function* prepareAhead<Input, Output>(
  source: Iterable<Input> | AsyncIterable<Input>,
  prepare: (input: Input, index: number) => Promise<Output>,
  atOnce: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<Prepared<Input, Output> | typeof idle> {
  const queue: { prepared?: Prepared<Input, Output> }[] = [];
  const change = new Change();
  const state = { stopped: false, ended: false, failure: undefined as { readonly error: unknown } | undefined };

  const enter = async (input: Input, index: number) => {
    const place: (typeof queue)[number] = {};
    queue.push(place);
    try {
      place.prepared = { index, input, made: { output: await prepare(input, index) } };
    } catch (error) {
      place.prepared = { index, input, made: { error } };
    }
    change.happened();
  };
  const feed = async () => {
    try {
      let index = 0;
      for await (const input of source) {
        if (state.stopped) break;
        enter(input, index++);
        while (queue.length >= atOnce && !state.stopped) await change.next();
      }
    } catch (error) {
      state.failure = { error };
    }
    state.ended = true;
    change.happened();
  };

  const stop = () => change.happened();
  signal?.addEventListener('abort', stop);
  feed();
  try {
    for (;;) {
      signal?.throwIfAborted();
      const [first] = queue;
      if (first?.prepared) {
        queue.shift();
        change.happened();
        yield first.prepared;
      } else if (first) {
        await change.next();
      } else if (state.ended) {
        if (state.failure) throw state.failure.error;
        yield idle;
        return;
      } else {
        await Promise.race([change.next(), turnOfEventLoop()]);
        if (queue.length > 0 || state.ended) continue;
        yield idle;
        if (queue.length === 0 && !state.ended) await change.next();
      }
    }
  } finally {
    state.stopped = true;
    change.happened();
    signal?.removeEventListener('abort', stop);
  }
}

/** Lets timers, signals and files have their turn. */
export function turnOfEventLoop(): Promise<void> {
  return new Promise((resolve) => {
    if (typeof setImmediate === 'function') setImmediate(resolve);
    else setTimeout(resolve);
  });
}

/** Something that several wait for, each of whom then looks for himself what has changed. */
class Change {
  #waiting: (() => void)[] = [];

  happened(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  next(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}
